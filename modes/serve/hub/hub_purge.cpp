// What operators take out of rooms and the store. A purge takes many turns: it is begun here, goes
// on between turns, and is answered when it is done. Who has read something keeps it.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "modes/serve/moderation/admin_command_text.h"
#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::serve {

namespace {

// Orders that wait for the one that is under way.
constexpr size_t kTasksMax = 16;
constexpr size_t kNamedMax = 5;

std::string counted(uint64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Result<std::string> Hub::beginTask(const AdminCommand& order, const std::string& by,
                                   store::Purge purge) {
    if (operators_.tasks.size() >= kTasksMax) {
        return Error{ErrorCode::TooMany, "too many purges are waiting; try again later"};
    }
    log_.beginPurge(purge);
    operators_.tasks.push_back({0, by, order, std::move(purge)});
    if (options_.operators.wake) options_.operators.wake();
    return std::string();
}

Status Hub::checkKnownRoom(const std::string& room) const {
    if (auto status = checkRoom(room); !status) return status;
    if (findRoom(room) || log_.range(room).last > 0) return Ok{};
    return Error{ErrorCode::BadRoom, "there is no room " + inQuotes(room)};
}

Result<std::string> Hub::purgeRoom(const AdminCommand& order, const std::string& by) {
    if (auto status = checkKnownRoom(order.target); !status) return status.error();
    store::Purge purge;
    purge.room = order.target;
    purge.beforeMs = order.beforeMs;
    return beginTask(order, by, std::move(purge));
}

// A number is a user under all nicks, a nick all that was said under it, by whomever.
Result<std::string> Hub::purgeUser(const AdminCommand& order, const std::string& by) {
    store::Purge purge;
    purge.user = userNumberIn(order.target).value_or(0);
    if (purge.user == 0) {
        if (auto status = checkClassicName(order.target); !status) {
            return wrongOrder("name a nick or #NUMBER to purge, not " + inQuotes(order.target));
        }
        purge.from = order.target;
    }
    purge.beforeMs = order.beforeMs;
    return beginTask(order, by, std::move(purge));
}

// Its numbers are not given again: whoever comes back to a room of this name reads on.
Result<std::string> Hub::removeRoom(const AdminCommand& order, const std::string& by) {
    if (order.target == kLobby) {
        return wrongOrder("the lobby cannot be removed; use purge room lobby to empty it");
    }
    if (auto status = checkKnownRoom(order.target); !status) return status.error();
    store::Purge purge;
    purge.room = order.target;
    auto begun = beginTask(order, by, std::move(purge));
    if (begun) {
        store::Sanction sanction;
        sanction.text = order.text.value_or("");
        emptyRoom(order.target, sanctionText("removed the room", sanction));
    }
    return begun;
}

Result<std::string> Hub::removeFile(const AdminCommand& order) {
    std::string sha256 = order.target;
    if (!checkSha256(sha256)) {
        auto named = log_.filesNamed(order.target);
        if (!named) return named.error();
        if (named->empty()) {
            return Error{ErrorCode::NoSuchFile, "no file " + inQuotes(order.target) +
                                                    " was announced, and this is not a SHA-256"};
        }
        if (named->size() > 1) {
            std::string all;
            for (size_t i = 0; i < std::min(named->size(), kNamedMax); ++i) {
                all += (i > 0 ? ", " : "") + (*named)[i];
            }
            return wrongOrder(std::to_string(named->size()) + " files are called " +
                              inQuotes(order.target) + "; use the SHA-256 of one of them: " + all +
                              (named->size() > kNamedMax ? ", …" : ""));
        }
        sha256 = named->front();
    }
    if (!options_.operators.removeFile || !options_.operators.removeFile(sha256)) {
        return Error{ErrorCode::NoSuchFile, "the store does not have the file " + sha256};
    }
    return "the file " + sha256 + " is deleted";
}

// ---- between turns

bool Hub::workOn() {
    if (operators_.tasks.empty()) return false;
    if (isAppending()) return true;  // what it brings is said before
    const auto& shrinks = options_.operators.logShrinks;
    if (!operators_.shrinking && shrinks) {
        const auto ready = shrinks(true);
        if (!ready) {
            endTask(ready.error());
            return !operators_.tasks.empty();
        }
        if (!*ready) return true;
    }
    operators_.shrinking = true;
    Operators::Task& task = operators_.tasks.front();
    const auto purged = log_.purgeSome(task.purge);
    if (!purged) {
        endTask(Error{purged.error().code,
                      purged.error().text + " (" + std::to_string(task.entries) +
                          " messages are deleted; repeat the command to continue)"});
        return !operators_.tasks.empty();
    }
    task.entries += purged->entries;
    for (const uint64_t user : purged->users) {
        if (task.users.size() <= kNamedMax) task.users.insert(user);
    }
    for (const std::string& sha256 : purged->files) {
        if (options_.operators.removeFile && options_.operators.removeFile(sha256)) ++task.files;
    }
    if (!purged->more) endTask(taskText(task));
    return !operators_.tasks.empty();
}

std::string Hub::taskText(const Operators::Task& task) const {
    std::string text =
        task.entries == 1 ? "1 message is" : std::to_string(task.entries) + " messages are";
    text += " deleted";
    if (task.files > 0) text += ", and " + counted(task.files, "file");
    if (task.order.act == AdminAction::RemoveRoom) {
        return "the room " + inQuotes(task.order.target) + " is removed: " + text;
    }
    if (task.purge.from.empty() || task.users.empty()) return text;
    text += "; sent by the user";
    text += task.users.size() > 1 ? "s " : " ";
    size_t named = 0;
    for (const UserId user : task.users) {
        if (named == kNamedMax) return text + ", …";
        text += (named++ > 0 ? ", #" : "#") + std::to_string(user);
    }
    return text + "; messages under other nicks remain";
}

void Hub::endTask(Result<std::string> done) {
    const Operators::Task task = std::move(operators_.tasks.front());
    operators_.tasks.pop_front();
    if (operators_.tasks.empty()) {
        operators_.shrinking = false;
        if (options_.operators.logShrinks) (void)options_.operators.logShrinks(false);
    }
    if (Room* const room = task.purge.room.empty() ? nullptr : findRoom(task.purge.room)) {
        const auto range = log_.range(room->name);
        if (!room->isInUse() && range.first > range.last) dropRoom(*room);
    }
    (void)record({wallMs_,
                  task.by,
                  std::string(actionName(task.order.act)),
                  task.order.target,
                  done ? "done: " + *done : "not done: " + done.error().text,
                  {}});
    reply(task.ticket, done ? Answer{Ok{}, *done} : Answer{done.error()});
}

}  // namespace netchat::serve
