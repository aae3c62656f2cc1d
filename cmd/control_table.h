#pragma once

// An answer of the control socket for people: a table, or a list of what there is once.

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

namespace netchat::cmd {

// "nick", "user" … become the columns, in the order of the first row; texts are made harmless for
// a terminal. Times are in UTC.
std::string tableOf(const std::vector<Poco::JSON::Object::Ptr>& rows);
// One line for each of its values.
std::string listOf(const Poco::JSON::Object& row);

}  // namespace netchat::cmd
