#pragma once

// The hub's way to a log on PostgreSQL: what it asks goes out at once, the answers come back as its
// commands, in the same task of its thread in which the log learns of them.

#include <functional>
#include <memory>
#include <optional>

#include "modes/serve/hub/log_port.h"
#include "modes/store/postgres/postgres_log.h"

namespace netchat::serve {

// The hub's thread only.
class PostgresPort : public LogPort {
  public:
    // `log` outlives this. `answer` gives the hub a batch of commands at once.
    using Answer = std::function<void(CommandBatch batch)>;
    explicit PostgresPort(store::PostgresLog& log) : log_(log) {}
    // Before anything is asked.
    void answerBy(Answer answer) { answer_ = std::move(answer); }

    std::optional<Outcome> append(std::shared_ptr<const DraftBatch> batch) override;
    std::optional<ReadOutcome> read(uint64_t ticket, ReadRequest request) override;

  private:
    template <class Command>
    void answer(Command command) {
        CommandBatch batch;
        batch.commands.push_back(std::move(command));
        answer_(std::move(batch));
    }

    store::PostgresLog& log_;
    Answer answer_;
};

}  // namespace netchat::serve
