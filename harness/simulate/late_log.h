#pragma once

// The log of a simulated server as its hub sees it where appends take longer than a turn. The
// simulation says when a batch is written, and when the hub learns of it; between the two the log
// has what nobody may see yet.
//
//     hub --append()--> isGiven --write()--> isWritten --take()--> LogAnswered --> hub

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "harness/simulate/log_decorator.h"
#include "modes/serve/hub/log_port.h"

namespace netchat::simulate {

class LateLog final : public LogDecorator, public serve::LogPort {
  public:
    LateLog(store::RoomLog& real, bool hides) : LogDecorator(real), hides_(hides) {}

    // ---- steps
    bool isGiven() const { return batch_ && !outcome_; }
    bool isWritten() const { return outcome_.has_value(); }
    void write();
    Outcome take();  // from now on it is seen

    // ---- for the hub
    using LogDecorator::append;
    std::optional<Outcome> append(std::shared_ptr<const serve::DraftBatch> batch) override;
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override;
    store::Range range(std::string_view room) const override;
    void eachRoom(const RoomVisitor& visit) const override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override;

  private:
    const bool hides_;  // what is written and not answered
    std::shared_ptr<const serve::DraftBatch> batch_;
    std::optional<Outcome> outcome_;
    std::map<std::string, uint64_t, std::less<>> hiddenFrom_;  // of a room; the first entry
    std::set<std::pair<uint64_t, std::string>> hiddenIds_;
};

}  // namespace netchat::simulate
