#pragma once

// Where a log on PostgreSQL is, as libpq understands it: a URI or "key=value …", with one or
// several hosts, of which the one that takes writes is sought. Pure.
// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING

#include <map>
#include <string>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

class PostgresTarget {
  public:
    // BadValue: not understood, no host, or with a password in it: whoever may list processes
    // would read it.
    static Result<PostgresTarget> parse(const std::string& text);

    size_t hosts() const { return hosts_.size(); }
    // The settings of a connection to one of the hosts.
    std::map<std::string, std::string> settings(size_t host) const;
    // For a message: "db1.example.org:5432".
    std::string name(size_t host) const;
    // "db1.example.org:5432, db2.example.org:5432".
    std::string names() const;

  private:
    struct Host {
        std::string host, address, port;
    };
    std::vector<Host> hosts_;
    std::map<std::string, std::string> common_;  // what is no host's
};

}  // namespace netchat::store
