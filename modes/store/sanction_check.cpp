#include "modes/store/sanction_check.h"

#include <Poco/Exception.h>

#include <system_error>

#include "modes/store/sqlite_support.h"
#include "protocol/text_safety.h"
#include "protocol/time_text.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

using namespace Poco::Data::Keywords;

std::string named(const Sanction& sanction) {
    switch (sanction.kind) {
        case Sanction::Kind::Ban:
            return "a ban";
        case Sanction::Kind::Mute:
            return "a mute";
        case Sanction::Kind::Closed:
            return "a closed room";
        case Sanction::Kind::Operator:
            return "an operator";
        case Sanction::Kind::Motd:
            return "the message of the day";
        case Sanction::Kind::CloakKey:
            return "the key of the cloaks";
    }
    return "something of an unknown kind (" + std::to_string(static_cast<int>(sanction.kind)) + ")";
}

// Of the key itself nothing is shown.
std::string readable(const Sanction& sanction) {
    if (sanction.kind == Sanction::Kind::CloakKey) return named(sanction);
    std::string text = named(sanction) + ", '" + forLog(sanction.target) + "'";
    if (sanction.user > 0) text += ", user #" + std::to_string(sanction.user);
    if (sanction.sinceMs > 0) text += ", since " + isoTime(sanction.sinceMs).str();
    if (!sanction.by.empty()) text += ", by " + forLog(sanction.by);
    if (!sanction.text.empty()) text += ", '" + forLog(sanction.text) + "'";
    return text;
}

}  // namespace

Result<std::string> checkSanctionsPresence(const fs::path& file, bool hasHistory) {
    std::error_code error;
    const bool isThere = fs::exists(file, error);
    if (isThere && fileBytes(file) > 0) return std::string();
    if (!hasHistory && fileBytes(file.parent_path() / "audit.log") == 0) return std::string();
    if (isThere) {
        return Error{ErrorCode::BadState,
                     file.string() +
                         " is empty (0 bytes), but was not empty before: bans, mutes, closed rooms "
                         "and operators would be lost; restore a copy of it, or remove it to start "
                         "without them"};
    }
    return file.string() +
           " is missing, although the folder was used before: there are no bans, mutes, closed "
           "rooms and operators; if it was lost, stop the server and restore a copy of it";
}

bool holdsDamaged(const Sanction& sanction) {
    return sanction.kind != Sanction::Kind::Operator && sanction.kind != Sanction::Kind::Motd;
}

std::string damagedSanctionText(const Sanction& sanction) {
    std::string text =
        "a ban, mute or other ruling is damaged, and may be wrong: " + readable(sanction);
    if (!holdsDamaged(sanction)) return text + "; it is ignored: set it again";
    if (sanction.kind == Sanction::Kind::CloakKey) {
        return text + "; cloaks may have changed: check the bans of cloaks";
    }
    return text + "; it applies as it is until you lift it: check netchat ctl bans";
}

std::vector<std::string> wrongPages(Poco::Data::Session& session) {
    std::vector<std::string> found;
    session << "PRAGMA quick_check(20)", into(found), now;
    std::erase(found, "ok");
    return found;
}

std::vector<std::string> faultsOfSanctions(const fs::path& folder) {
    const fs::path file = folder / "control.sqlite";
    const auto presence = checkSanctionsPresence(file, false);
    if (!presence) return {presence.error().text};
    if (!presence->empty()) return {*presence};
    std::error_code error;
    if (!fs::exists(file, error)) return {};
    // A server that has just begun it leaves it empty for a moment.
    if (fileBytes(file) == 0) return {};
    std::vector<std::string> faults;
    try {
        auto session = openSqliteToRead(file);
        for (const std::string& wrong : wrongPages(session)) {
            faults.push_back(file.string() + " is damaged: " + wrong);
        }
    } catch (const Poco::Exception& e) {
        return {file.string() + " cannot be read: " + e.displayText()};
    }
    if (!faults.empty()) return faults;
    const auto tell = [&](const std::string& text) { faults.push_back(text); };
    const auto read = readSanctions(file, tell);
    if (!read) faults.push_back(read.error().text);
    return faults;
}

}  // namespace netchat::store
