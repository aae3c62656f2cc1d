#pragma once

// The log of a simulated server as its hub sees it where it answers later. The simulation says when
// a batch is written, when a page is read, and when the hub learns of either; between the two the
// log has what nobody may see yet.
//
//     hub --append()--> isGiven --write()--> isWritten --take()------> LogAnswered --> hub
//     hub --read()----> toRead ---readOne()-> haveRead --takeRead()-> LogRead -----> hub
//
// While it is not known what was written, the batch stays given. An answer may get lost, and the
// same drafts are appended again.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/simulate/log_decorator.h"
#include "modes/serve/hub/log_port.h"

namespace netchat::simulate {

class LateLog final : public LogDecorator, public serve::LogPort {
  public:
    // `late`: the hub has it as its port, and must not wait for it. `hides`: the hub does not see
    // what is written and not answered.
    // `asTheFirst`: an answer that was lost is given again as it was.
    LateLog(store::RoomLog& real, bool late, bool hides, bool asTheFirst)
        : LogDecorator(real), late_(late), hides_(hides), asTheFirst_(asTheFirst) {}

    // ---- steps
    bool isGiven() const { return batch_ && !outcome_; }
    bool isWritten() const { return outcome_.has_value(); }
    void write();
    // The answer is lost: it is not known any more what became of the batch.
    const serve::DraftBatch& batch() const { return *batch_; }
    bool mayLoseAnswer() const;
    void loseAnswer();
    Outcome& outcome() { return *outcome_; }
    Outcome take();  // from now on it is seen

    size_t toRead() const { return toRead_.size(); }
    size_t haveRead() const { return haveRead_.size(); }
    serve::ReadRequest& request(size_t which) { return toRead_[which].request; }
    void readOne(size_t which, bool fails);
    serve::LogRead takeRead(size_t which);

    // What the hub did that it must not do with a log that is late; empty: nothing.
    const std::string& misuse() const { return misuse_; }

    // ---- for the hub
    std::optional<Outcome> append(std::shared_ptr<const serve::DraftBatch> batch) override;
    std::optional<ReadOutcome> read(uint64_t ticket, serve::ReadRequest request) override;
    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override;
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override;
    Result<std::vector<store::Appended>> findOut() override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    store::Range range(std::string_view room) const override;
    void eachRoom(const RoomVisitor& visit) const override;
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override;

  private:
    struct Read {
        uint64_t ticket;
        serve::ReadRequest request;
    };

    void notLate(const char* what) const;
    std::vector<store::Draft> toAppend() const;
    Outcome appendNow();
    Outcome outcomeOf(std::vector<store::Appended> appended);
    void asTheFirstTry(std::vector<store::Appended>& appended) const;
    ReadOutcome readNow(const serve::ReadRequest& request) const;

    const bool late_, hides_, asTheFirst_;
    mutable std::string misuse_;
    std::shared_ptr<const serve::DraftBatch> batch_;
    bool unsure_ = false;   // the log does not know whether it has the batch
    bool mayHave_ = false;  // it took the batch, and nobody was told
    std::optional<Outcome> outcome_;
    std::map<std::string, uint64_t, std::less<>> lastSeen_;  // of a room that has more by now
    std::vector<Read> toRead_;
    std::vector<serve::LogRead> haveRead_;
};

}  // namespace netchat::simulate
