// Whom the hub obeys, and how an order is answered: it is written into the audit log before it is
// carried out (hub_admin_commands.cpp, hub_purge.cpp, Moderation).

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "modes/serve/moderation/admin_command_text.h"
#include "protocol/duration.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::serve {

namespace {

// A reason is a sentence; a motd is a page.
constexpr size_t kReasonBytesMax = 1024;
constexpr size_t kMotdBytesMax = 8 * limits::kKiB;
constexpr size_t kTargetBytesMax = 512;
// What is written down of an attempt by somebody who is no operator.
constexpr size_t kAttemptBytesMax = 64;

// In the chat a reason may begin with the words that ctl has as options.
void takeFlags(std::string_view& reason, AdminCommand& order) {
    constexpr std::string_view kAddress = "--address", kForce = "--force";
    const auto takes = [&reason](std::string_view word) {
        const bool there = reason.starts_with(word) &&
                           (reason.size() == word.size() || reason[word.size()] == ' ');
        if (!there) return false;
        reason.remove_prefix(word.size());
        reason.remove_prefix(std::min(reason.find_first_not_of(' '), reason.size()));
        return true;
    };
    for (bool more = true; more;) {
        const bool address = takes(kAddress), force = takes(kForce);
        order.address = order.address || address;
        order.force = order.force || force;
        more = address || force;
    }
}

Status checkOrder(const AdminCommand& order) {
    const size_t most = order.act == AdminAction::Motd ? kMotdBytesMax : kReasonBytesMax;
    if (order.target.size() > kTargetBytesMax)
        return wrongOrder("a target can have at most 512 bytes");
    if (order.text && order.text->size() > most) {
        return wrongOrder("the text can have at most " + std::to_string(most) + " bytes");
    }
    if (!utf8::isValid(order.target) || (order.text && !utf8::isValid(*order.text))) {
        return wrongOrder("a text must be valid UTF-8");
    }
    const bool needsTarget = order.act != AdminAction::Motd && order.act != AdminAction::Drain;
    if (needsTarget && order.target.empty()) {
        return wrongOrder(std::string(actionName(order.act)) + " needs a target");
    }
    if (order.forMs < 0 || order.forMs > kDurationMsMax) return wrongOrder("invalid duration");
    return Ok{};
}

// "for 1h, with the address".
std::string detailOf(const AdminCommand& order) {
    std::string detail = order.forMs > 0 ? "for " + durationText(order.forMs) : "";
    if (order.address) detail += std::string(detail.empty() ? "" : ", ") + "with the address";
    return detail;
}

}  // namespace

Status Hub::record(const AuditLine& line) const {
    return options_.operators.audit ? options_.operators.audit(line) : Status(Ok{});
}

void Hub::reply(uint64_t ticket, Answer answer) const {
    if (options_.operators.answer) options_.operators.answer(ticket, std::move(answer));
}

// ---- who orders

void Hub::on(const AdminRequest& c) {
    const AdminCommand& order = *c.order;
    if (order.act == AdminAction::Reload) return beginReload(c);
    if (!isQuestion(order.act)) {
        const size_t tasks = operators_.tasks.size();
        Answer answer = carryOut(order, "ctl uid " + std::to_string(c.uid));
        if (operators_.tasks.size() > tasks) {
            operators_.tasks.back().ticket = c.ticket;  // endTask() answers
            return;
        }
        return reply(c.ticket, std::move(answer));
    }
    // What only the loops know is asked of all of them first.
    operators_.asked.insert_or_assign(c.ticket, Operators::Asked{c.order, effects_.size()});
    for (EffectBatch& effects : effects_)
        effects.push_back(SnapshotRequest{c.ticket, order.act == AdminAction::Who});
}

void Hub::on(const SnapshotTaken& c) {
    const auto it = operators_.asked.find(c.ticket);
    if (it == operators_.asked.end()) return;
    Operators::Asked& asked = it->second;
    asked.snapshots.connections += c.snapshots.connections;
    asked.snapshots.each.insert(asked.snapshots.each.end(), c.snapshots.each.begin(),
                                c.snapshots.each.end());
    if (--asked.left > 0) return;
    Answer answer = answerNow(*asked.order, asked.snapshots);
    operators_.asked.erase(it);
    reply(c.ticket, std::move(answer));
}

void Hub::on(const Operate& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    const auto no = [&](Error error) {
        refuse(c.session, std::move(error), v2::Op::kVerb, {}, {}, {});
    };
    if (!moderation_.isOperator(*user)) {
        refuseAttempt(*user, c);
        return no({ErrorCode::NotOperator,
                   "you are not an operator; ask the person who runs the server"});
    }
    const auto act = actionNamed(c.act);
    if (!act || !isForChat(*act)) {
        return no({ErrorCode::BadVerb,
                   "unknown operator command " + inQuotes(c.act) +
                       "; use kick, ban, unban, mute, unmute, close-room or open-room"});
    }
    AdminCommand order{*act, std::string(c.target), std::nullopt, 0};
    order.user = user->number;
    std::string_view reason = c.text;
    if (*act == AdminAction::Ban) takeFlags(reason, order);
    if (!reason.empty()) order.text = std::string(reason);
    const auto secondsMax = static_cast<uint64_t>(kDurationMsMax / 1000);
    order.forMs = static_cast<int64_t>(std::min(c.seconds, secondsMax)) * 1000;
    Answer answer =
        carryOut(order, "operator " + std::to_string(user->number) + " (" + user->nick + ")");
    if (!answer.status) return no(answer.status.error());
    emit(c.session, Operated{c.session, actionName(*act), order.target, std::move(answer.text)});
}

void Hub::refuseAttempt(const User& user, const Operate& c) {
    ++operators_.attempts;
    const int64_t minute = nowMs_ / 60'000;
    if (minute == operators_.attemptsMinute || !options_.operators.audit) return;
    // One address that tries all the time leaves the line to others.
    if (options_.addresses.noteAttempt && !options_.addresses.noteAttempt(c.address)) return;
    operators_.attemptsMinute = minute;
    const uint64_t others = std::exchange(operators_.attempts, 0) - 1;
    const auto begin = [](std::string_view text) {
        return std::string(text.substr(0, kAttemptBytesMax));
    };
    (void)record({wallMs_, "user " + std::to_string(user.number) + " (" + user.nick + ")",
                  begin(c.act), begin(c.target),
                  "refused: not an operator" +
                      (others > 0 ? "; and " + std::to_string(others) + " more before" : ""),
                  begin(c.text)});
}

// ---- doing it

Answer Hub::carryOut(const AdminCommand& given, const std::string& by) {
    if (auto status = checkOrder(given); !status) return {status.error()};
    AdminCommand order = given;
    if (order.text) *order.text = neutralised(*order.text, order.act == AdminAction::Motd);
    if (order.act == AdminAction::Motd && !order.text) return {Ok{}, moderation_.motd()};
    AuditLine line{wallMs_,
                   by,
                   std::string(actionName(order.act)),
                   order.target,
                   detailOf(order),
                   order.text.value_or("")};
    if (auto status = record(line); !status) return {status.error()};
    auto done = perform(order, by);
    if (done) return {Ok{}, std::move(*done)};
    line.detail = "not done: " + done.error().text;
    (void)record(line);
    return {done.error()};
}

Result<std::string> Hub::perform(const AdminCommand& order, const std::string& by) {
    switch (order.act) {
        case AdminAction::Drain:
            return drain(order);
        case AdminAction::FreeNick:
            return freeNick(order);
        case AdminAction::RemoveFile:
            return removeFile(order);
        case AdminAction::PurgeRoom:
            return purgeRoom(order, by);
        case AdminAction::PurgeUser:
            return purgeUser(order, by);
        case AdminAction::RemoveRoom:
            return removeRoom(order, by);
        case AdminAction::Kick:
        case AdminAction::Ban:
        case AdminAction::Unban:
        case AdminAction::Mute:
        case AdminAction::Unmute:
        case AdminAction::CloseRoom:
        case AdminAction::OpenRoom:
        case AdminAction::Motd:
        case AdminAction::Op:
        case AdminAction::Deop:
            return moderation_.carryOut(order, by);
        case AdminAction::Who:
        case AdminAction::Rooms:
        case AdminAction::Bans:
        case AdminAction::Stats:
        case AdminAction::Reload:
            break;
    }
    return Error{ErrorCode::Internal, "the hub does not carry this out"};
}

}  // namespace netchat::serve
