// Whom the hub obeys, and how an order is answered: it is written into the audit log before it is
// carried out (hub_acts.cpp).

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
void takeFlags(std::string_view& reason, Order& order) {
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

Status checkOrder(const Order& order) {
    const size_t most = order.act == Act::Motd ? kMotdBytesMax : kReasonBytesMax;
    if (order.target.size() > kTargetBytesMax) return wrongOrder("a target has at most 512 bytes");
    if (order.text && order.text->size() > most) {
        return wrongOrder("the text has at most " + std::to_string(most) + " bytes here");
    }
    if (!utf8::isValid(order.target) || (order.text && !utf8::isValid(*order.text))) {
        return wrongOrder("a text must be valid UTF-8");
    }
    const bool needsTarget = order.act != Act::Motd && order.act != Act::Drain;
    if (needsTarget && order.target.empty()) {
        return wrongOrder(std::string(actName(order.act)) + " whom or what?");
    }
    if (order.forMs < 0 || order.forMs > kDurationMsMax) return wrongOrder("no such duration");
    return Ok{};
}

// "for 1h, with the address".
std::string detailOf(const Order& order) {
    std::string detail = order.forMs > 0 ? "for " + durationText(order.forMs) : "";
    if (order.address) detail += std::string(detail.empty() ? "" : ", ") + "with the address";
    return detail;
}

}  // namespace

void Hub::operateBy(OperatorPorts ports) {
    operators_.rulings.cloakBy(Cloaks(ports.cloakKey));
    operators_.rulings.load(std::exchange(ports.rulings, {}), ports.store);
    operators_.ports = std::move(ports);
    if (operators_.ports.publishBans) {
        operators_.ports.publishBans(addressBans(operators_.rulings, 0));
    }
}

// ---- who orders

void Hub::on(const Ordered& c) {
    const Order& order = *c.order;
    if (order.act == Act::Reload) return beginReload(c);
    if (!isQuestion(order.act)) {
        const size_t tasks = operators_.tasks.size();
        Answer answer = carryOut(order, "ctl uid " + std::to_string(c.uid));
        if (operators_.tasks.size() > tasks) {
            operators_.tasks.back().ticket = c.ticket;  // endTask() answers
            return;
        }
        if (operators_.ports.answer) operators_.ports.answer(c.ticket, std::move(answer));
        return;
    }
    // What only the loops know is asked of all of them first.
    operators_.asked.insert_or_assign(c.ticket, Operators::Asked{c.order, effects_.size()});
    for (EffectBatch& effects : effects_) effects.push_back(Look{c.ticket, order.act == Act::Who});
}

void Hub::on(const Looked& c) {
    const auto it = operators_.asked.find(c.ticket);
    if (it == operators_.asked.end()) return;
    Operators::Asked& asked = it->second;
    asked.sights.connections += c.sights.connections;
    asked.sights.each.insert(asked.sights.each.end(), c.sights.each.begin(), c.sights.each.end());
    if (--asked.left > 0) return;
    Answer answer = answerNow(*asked.order, asked.sights);
    operators_.asked.erase(it);
    if (operators_.ports.answer) operators_.ports.answer(c.ticket, std::move(answer));
}

void Hub::on(const Operate& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    const auto no = [&](Error error) {
        refuse(c.session, std::move(error), v2::Op::kVerb, {}, {}, {});
    };
    if (!operators_.rulings.isOperator(*user)) {
        refuseAttempt(*user, c);
        return no({ErrorCode::NotOperator,
                   "you are no operator; whoever runs the server can make you one"});
    }
    const auto act = actNamed(c.act);
    if (!act || !isForChat(*act)) {
        return no({ErrorCode::BadVerb, "there is no " + inQuotes(c.act) +
                                           " for operators; kick, ban, unban, mute, unmute, "
                                           "close-room and open-room are"});
    }
    Order order{*act, std::string(c.target), std::nullopt, 0};
    order.user = user->number;
    std::string_view reason = c.text;
    if (*act == Act::Ban) takeFlags(reason, order);
    if (!reason.empty()) order.text = std::string(reason);
    const auto secondsMax = static_cast<uint64_t>(kDurationMsMax / 1000);
    order.forMs = static_cast<int64_t>(std::min(c.seconds, secondsMax)) * 1000;
    Answer answer =
        carryOut(order, "operator " + std::to_string(user->number) + " (" + user->nick + ")");
    if (!answer.status) return no(answer.status.error());
    emit(c.session, Operated{c.session, actName(*act), order.target, std::move(answer.text)});
}

void Hub::refuseAttempt(const User& user, const Operate& c) {
    ++operators_.attempts;
    const int64_t minute = nowMs_ / 60'000;
    if (minute == operators_.attemptsMinute || !operators_.ports.audit) return;
    // One address that tries all the time leaves the line to others.
    if (addresses_.noteAttempt && !addresses_.noteAttempt(c.address)) return;
    operators_.attemptsMinute = minute;
    const uint64_t others = std::exchange(operators_.attempts, 0) - 1;
    const auto begin = [](std::string_view text) {
        return std::string(text.substr(0, kAttemptBytesMax));
    };
    (void)operators_.ports.audit(
        {wallMs_, "user " + std::to_string(user.number) + " (" + user.nick + ")", begin(c.act),
         begin(c.target),
         "refused: not an operator" +
             (others > 0 ? "; and " + std::to_string(others) + " more before" : ""),
         begin(c.text)});
}

// ---- doing it

Answer Hub::carryOut(const Order& given, const std::string& by) {
    if (auto status = checkOrder(given); !status) return {status.error()};
    Order order = given;
    if (order.text) *order.text = neutralised(*order.text, order.act == Act::Motd);
    if (order.act == Act::Motd && !order.text) return {Ok{}, operators_.rulings.motd()};
    AuditLine line{wallMs_,
                   by,
                   std::string(actName(order.act)),
                   order.target,
                   detailOf(order),
                   order.text.value_or("")};
    if (operators_.ports.audit) {
        if (auto status = operators_.ports.audit(line); !status) return {status.error()};
    }
    auto done = perform(order, by);
    if (done) return {Ok{}, std::move(*done)};
    line.detail = "not done: " + done.error().text;
    if (operators_.ports.audit) (void)operators_.ports.audit(line);
    return {done.error()};
}

Result<std::string> Hub::perform(const Order& order, const std::string& by) {
    switch (order.act) {
        case Act::Kick:
            return kick(order);
        case Act::Ban:
            return ban(order, by);
        case Act::Unban:
            return unban(order);
        case Act::Mute:
            return mute(order, by);
        case Act::Unmute:
            return unmute(order);
        case Act::CloseRoom:
            return closeRoom(order, by);
        case Act::OpenRoom:
            return openRoom(order);
        case Act::Motd:
            return setMotd(order, by);
        case Act::Drain:
            return drain(order);
        case Act::Op:
            return makeOperator(order, by);
        case Act::Deop:
            return unmakeOperator(order);
        case Act::FreeNick:
            return freeNick(order);
        case Act::RemoveFile:
            return removeFile(order);
        case Act::PurgeRoom:
            return purgeRoom(order, by);
        case Act::PurgeUser:
            return purgeUser(order, by);
        case Act::RemoveRoom:
            return removeRoom(order, by);
        case Act::Who:
        case Act::Rooms:
        case Act::Bans:
        case Act::Stats:
        case Act::Reload:
            break;
    }
    return Error{ErrorCode::Internal, "this is answered elsewhere"};
}

}  // namespace netchat::serve
