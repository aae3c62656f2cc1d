#pragma once

// Searches a log on PostgreSQL by reading it backwards, on a thread and by a connection of its own:
// the newest part of a room at a time (search_walk.h); whoever asks goes on from there.

#include "modes/store/postgres/postgres_log.h"
#include "modes/store/postgres/postgres_worker.h"
#include "modes/store/searcher.h"

namespace netchat::store {

class PostgresSearcher : public Searcher {
  public:
    // `log` outlives this.
    explicit PostgresSearcher(const PostgresLog& log);
    void search(SearchQuery query, Done done) override;
    // The database is believed to hang: it is asked again.
    void interrupt() { worker_.interrupt(); }

  private:
    const PostgresLog& log_;
    PostgresWorker worker_;
};

}  // namespace netchat::store
