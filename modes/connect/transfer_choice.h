#pragma once

// Which transfer is meant by `!cancel 2`, `!cancel photo.jpg` and `!cancel`: the same one in lines
// and on the screen. Pure; one thread.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace netchat::connect {

// The numbers of !transfers. One is not given again while others are under way, so that it means
// what was listed.
class TransferNumbers {
  public:
    // The number of one that is under way, which it has from now on.
    size_t of(bool upload, std::string_view key);
    // Who is not among these is over.
    struct Key {
        bool upload;
        std::string_view key;
    };
    void keepOnly(std::span<const Key> underWay);

  private:
    std::map<std::pair<bool, std::string>, size_t> numbers_;
    size_t last_ = 0;
};

struct NumberedTransfer {
    size_t number = 0;
    std::string_view name;
    std::string_view shown = {};  // its name as it is drawn; empty: the same
};

// The place of the one whose number this is, or whose name, or whose name alone begins so; of an
// empty text, the only one there is. None: no such one, or several.
std::optional<size_t> chosenTransfer(std::string_view which,
                                     std::span<const NumberedTransfer> underWay);

}  // namespace netchat::connect
