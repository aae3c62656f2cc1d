#pragma once

// One batch of drafts on its way into a log on PostgreSQL: what is sent, and what is made of the
// answer. What is not known is asked for again with the same number of the batch; then either the
// first try appended nothing, or it appended all, and what became of each draft is found by their
// ids and by how far the rooms went before. Only one batch is under way at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/store/postgres/postgres_connection.h"
#include "modes/store/room_log.h"
#include "protocol/result.h"

namespace netchat::store {

// Made on the owner's thread, run on the worker's, read on the owner's again.
class PostgresAppend {
  public:
    struct NewRoom {
        int64_t number;
        std::string name;
    };
    struct Item {
        Entry entry;        // its texts lie in what `keepsAlive` keeps
        int64_t room = 0;   // its number; 0: there is none, and the draft is only looked up
        uint64_t last = 0;  // of the room, before this batch
        bool lookUp = false;
    };

    PostgresAppend(std::vector<Item> items, std::vector<NewRoom> newRooms,
                   std::shared_ptr<const void> keepsAlive)
        : items_(std::move(items)),
          newRooms_(std::move(newRooms)),
          keepsAlive_(std::move(keepsAlive)) {}

    // Of the writer: its epoch, and the number of the latest batch that is known to be appended,
    // which becomes this one's.
    struct Writer {
        int64_t epoch = 0, batch = 0;
    };
    // As PostgresWorker::Job. True: outcome() is known.
    bool run(PostgresConnection& connection, Writer& writer, int64_t batch, std::string& why);
    // Of each draft, in order; one that was only looked up has seq 0 if it was never said.
    const Result<std::vector<Appended>>& outcome() const { return *outcome_; }
    const std::vector<Item>& items() const { return items_; }
    const std::vector<NewRoom>& newRooms() const { return newRooms_; }
    // The database refuses this node, for ever.
    bool isFenced() const { return fenced_; }

  private:
    void plan();
    bool append(PostgresConnection& connection, Writer& writer, int64_t batch, std::string& why);
    bool findOut(PostgresConnection& connection, std::string& why);
    bool lookUp(PostgresConnection& connection, std::string& why);
    void repeatWithin();
    std::optional<SqlAnswer> said(PostgresConnection& connection, const std::vector<size_t>& which,
                                  std::string& why);
    bool failed(const SqlAnswer& answer, std::string& why);

    const std::vector<Item> items_;
    const std::vector<NewRoom> newRooms_;
    const std::shared_ptr<const void> keepsAlive_;
    std::vector<size_t> sent_;                        // which of the drafts are appended
    std::vector<size_t> asked_;                       // which are looked up
    std::vector<std::pair<size_t, size_t>> repeats_;  // of an id of the same batch, before
    bool planned_ = false, appended_ = false, wasLost_ = false, fenced_ = false;
    std::vector<Appended> result_;
    std::optional<Result<std::vector<Appended>>> outcome_;
};

}  // namespace netchat::store
