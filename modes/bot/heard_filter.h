#pragma once

// What `--listen` is to hear, of what people say and drop:
//
//     --match '/^build \d+ failed/i'    messages whose text has this regular expression
//     --match '*.tar'                   files of such a name, which are fetched whatever their size
//     --from NICK                       both, of this nick only
//
// Several of a kind mean or. Loop thread only.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modes/bot/pattern.h"
#include "modes/client/event.h"
#include "protocol/result.h"

namespace netchat::bot {

class HeardFilter {
  public:
    // BadValue: not a regular expression, or none that ends.
    static Result<HeardFilter> make(const std::vector<std::string>& matches,
                                    const std::vector<std::string>& nicks);

    // Whether anything is filtered at all.
    bool filters() const { return matches_ || !nicks_.empty(); }
    // Of what somebody said, to all or in private. What took too long does not fit; `warning` gets
    // a line then.
    bool fitsText(std::string_view from, std::string_view text, std::string& warning) const;
    // Of a file, announced, received or not received.
    bool fitsFile(std::string_view from, std::string_view name) const;
    // Whether an announced file is fetched by itself, where files up to `bytesMax` are.
    bool fetches(const client::event::File& file, uint64_t bytesMax) const;

  private:
    bool isOf(std::string_view nick) const;
    bool hasText(std::string_view text, std::string& warning) const;
    bool hasName(std::string_view name) const;

    bool matches_ = false;  // --match was given
    std::vector<std::shared_ptr<const Pattern>> texts_;
    std::vector<std::string> names_;  // globs
    std::vector<std::string> nicks_;
};

}  // namespace netchat::bot
