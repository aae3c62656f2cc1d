#pragma once

// A server whose log answers when a test says so.

#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "modes/serve/hub/log_port.h"
#include "tests/serve/bench.h"

namespace netchat::serve::testing {

class HeldPort final : public LogPort {
  public:
    std::optional<Outcome> append(std::shared_ptr<const DraftBatch> batch) override {
        batches.push_back(std::move(batch));
        return {};
    }
    std::optional<ReadOutcome> read(uint64_t ticket, ReadRequest request) override {
        reads.emplace_back(ticket, std::move(request));
        if (onRead) onRead();
        return {};
    }
    // The look-ups among them in parentheses.
    std::vector<std::string> texts(size_t at) const {
        const DraftBatch& batch = *batches.at(at);
        std::vector<std::string> texts;
        for (size_t i = 0; i < batch.drafts.size(); ++i) {
            const std::string text(batch.drafts[i].entry.text);
            texts.push_back(batch.isLookUp(i) ? "(" + text + ")" : text);
        }
        return texts;
    }
    // Not answered yet.
    std::deque<std::shared_ptr<const DraftBatch>> batches;
    std::deque<std::pair<uint64_t, ReadRequest>> reads;
    std::function<void()> onRead;
};

class LateLogTest : public ::testing::Test {
  protected:
    explicit LateLogTest(size_t shards = 1, UnansweredLimits unanswered = {})
        : bench_([&] {
              Bench::Options options;
              options.shards = shards;
              options.hub = [this, unanswered](HubOptions& hub) {
                  hub.logPort = &port_;
                  hub.unanswered = unanswered;
                  hub.operators.answer = [this](uint64_t, Answer answer) {
                      answers_.push_back(std::move(answer));
                  };
              };
              return options;
          }()) {
        bench_.log.isLate = true;
    }

    // ---- the oldest batch that is under way
    void answer() { answer(outcome()); }
    void answer(LogPort::Outcome outcome) {
        port_.batches.pop_front();
        give(LogAnswered{std::move(outcome)});
    }
    void fail(const std::string& text = "the disk is full") {
        answer(Error{ErrorCode::NoRoom, text});
    }
    LogPort::Outcome outcome() {
        bench_.log.isLate = false;
        const DraftBatch& batch = *port_.batches.front();
        std::vector<store::Appended> all;
        for (size_t i = 0; i < batch.drafts.size(); ++i) {
            const store::Draft& draft = batch.drafts[i];
            all.push_back(batch.isLookUp(i)
                              ? bench_.log.alreadySaid(draft).value_or(store::Appended{})
                              : bench_.log.append({&draft, 1})->front());
        }
        bench_.log.isLate = true;
        return all;
    }

    // ---- a read, the oldest by default
    void answerRead(size_t which = 0) { answerRead(which, entries(port_.reads.at(which).second)); }
    void answerRead(size_t which, LogPort::ReadOutcome outcome) {
        const uint64_t ticket = port_.reads.at(which).first;
        port_.reads.erase(port_.reads.begin() + static_cast<std::ptrdiff_t>(which));
        give(LogRead{ticket, std::move(outcome)});
    }
    void failRead() { answerRead(0, Error{ErrorCode::Timeout, "the log does not answer"}); }
    std::vector<store::KeptEntry> entries(const ReadRequest& request) {
        bench_.log.isLate = false;
        std::vector<store::KeptEntry> all;
        (void)bench_.log.read(request.room, request.from, [&](const store::Entry& e) {
            if (e.seq >= request.end) return false;
            all.push_back({e.kind, e.seq, e.time, e.user, std::string(e.id), std::string(e.from),
                           std::string(e.text), std::string(e.sha256), e.size});
            return true;
        });
        bench_.log.isLate = true;
        const size_t most = std::min(all.size(), request.entriesMax);
        if (request.newest) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
        all.resize(most);
        return all;
    }
    void askAgain() {
        bench_.hub.askAgain();
        bench_.settle();
    }

    void says(Peer& peer, const std::string& id, const std::string& text) {
        peer.send(v2("say room:lobby id:" + id, text));
        bench_.settle();
    }
    // And it is in the log.
    void said(Peer& peer, const std::string& id, const std::string& text) {
        says(peer, id, text);
        answer();
        forget();
    }
    void sends(Peer& peer, const std::string& head) {
        peer.send(v2(head));
        bench_.settle();
    }
    // What everybody has received so far.
    void forget() {
        for (const auto& peer : bench_.peers) (void)peer->take();
    }
    void give(Command command) {
        CommandBatch batch;
        batch.commands.push_back(std::move(command));
        bench_.submitBatch(std::move(batch));
        bench_.settle();
    }
    void order(AdminAction act, const std::string& target) {
        AdminCommand order;
        order.act = act;
        order.target = target;
        give(AdminRequest{1, 0, std::make_shared<const AdminCommand>(order)});
    }

    // As operators see it.
    std::string logState() {
        order(AdminAction::Stats, "");
        for (const auto& [name, cell] : answers_.back().rows.at(0)) {
            if (std::string_view(name) == "log") return std::get<std::string>(cell);
        }
        return {};
    }

    HeldPort port_;
    std::vector<Answer> answers_;  // to operators
    Bench bench_;
};

}  // namespace netchat::serve::testing
