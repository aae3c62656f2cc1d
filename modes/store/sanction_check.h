#pragma once

// What is wrong with the file of sanctions: it is not there, is empty, or is damaged.

#include <Poco/Data/Session.h>

#include <filesystem>
#include <string>
#include <vector>

#include "modes/store/sanction_store.h"
#include "protocol/result.h"

namespace netchat::store {

// Before it is opened. What its owner should hear where it is not there, and something was ruled,
// or said (`hasHistory`); else empty. BadState: it has no bytes then, which is not what a server
// leaves; nothing is done to it.
Result<std::string> checkSanctionsPresence(const std::filesystem::path& file, bool hasHistory);

// How one whose checksum is wrong is spoken of, with what can be read of it and what becomes of it.
std::string damagedSanctionText(const Sanction& sanction);
// Whether such a one holds all the same, until it is taken back: what restricts does, what gives
// somebody a right does not.
bool holdsDamaged(const Sanction& sanction);

// Wrong pages, as far as SQLite can tell. Rows that are out of their order are not looked for: such
// a row has a wrong checksum. Throws Poco::Exception.
std::vector<std::string> wrongPages(Poco::Data::Session& session);

// What is wrong with it, for `netchat log verify`; changes nothing. `folder`: the data folder.
std::vector<std::string> faultsOfSanctions(const std::filesystem::path& folder);

}  // namespace netchat::store
