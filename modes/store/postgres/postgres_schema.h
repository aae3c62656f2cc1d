#pragma once

// The log's tables and functions in a PostgreSQL database, all in its schema `netchat`, and what is
// demanded of the server that keeps them.
//
//     cluster   version of the schema, and the oldest netchat that it works with; which log it is
//     writer    one row: which node may write (epoch), its latest batch, the numbers of users given
//     node      one row: who that node is, and its heartbeat
//     prepared  the secrets of users to come, so that whoever is welcomed is known (user_log.h)
//     room, entry, said, usr, nick, sanction     as in SQLite's log (sqlite_room_log.h)
//     file, blob   files, in chunks of 1 MiB (replicated_files.h)
//     identity, identity_end                     as log_epochs.h
//
// A function's name ends with its version: a netchat of before and one of after a migration can
// both work. Each function that writes checks the epoch (SQLSTATE NC001) in its transaction.

#include <string>
#include <string_view>

#include "modes/store/postgres/postgres_connection.h"
#include "protocol/result.h"

namespace netchat::store {

// Another node may write by now, or the database is not the one that it was: this node may not.
inline constexpr std::string_view kFencedState = "NC001";

// An error with this SQLSTATE may pass by itself: out of resources, locked, about to end,
// conflicts.
bool mayPass(std::string_view state);

// Makes the tables, or brings them up to date; nothing where they are.
Status migratePostgres(PostgresConnection& connection);
// That a commit it has waited for survives the loss of one machine. The error says which settings
// are not so.
Status checkPostgresReplicates(PostgresConnection& connection);

}  // namespace netchat::store
