// What operators say: requests on the control socket, their answers, sanctions and the audit log,
// where nothing that anybody chooses can begin another line.

#include "modes/serve/control/control_json.h"
#include "modes/serve/limits/cloak.h"
#include "modes/serve/moderation/audit.h"
#include "modes/serve/moderation/bans.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace serve;

void isOneLine(std::string_view line) {
    HOLDS(line.ends_with('\n') && line.find('\n') == line.size() - 1);
    HOLDS(utf8::isValid(line));
}

void orderHolds(const AdminCommand& order) {
    HOLDS(order.forMs >= 0);
    if (!utf8::isValid(order.target) || (order.text && !utf8::isValid(*order.text))) return;
    const std::string line = toJsonLine(order);
    isOneLine(line);
    const auto again = orderOf(line);
    HOLDS(again && again->act == order.act && again->forMs == order.forMs);
    SAME(again->target, order.target);
    HOLDS(again->text == order.text);
}

void answersHold(Choices choices) {
    Answer answer;
    const std::string first(choices.take(20)), second(choices.rest());
    answer.text = second;
    answer.rows = {{{"nick", first}, {"user", int64_t{-7}}, {"operator", true}},
                   {{"rooms", std::vector<std::string>{first, second}}}};
    const std::string lines = toJsonLines(answer);
    HOLDS(utf8::isValid(lines));
    HOLDS(std::count(lines.begin(), lines.end(), '\n') == 3);
    answer.status = Error{ErrorCode::NoSuchNick, first};
    HOLDS(utf8::isValid(toJsonLines(answer)));
}

void auditHolds(Choices choices) {
    AuditLine line;
    line.by = choices.line(), line.act = choices.line(), line.target = choices.line();
    line.text = choices.rest();
    const std::string text = auditText(line);
    isOneLine(text);
    HOLDS(static_cast<size_t>(std::count(text.begin(), text.end(), '\t')) <= 5);
    std::string shown(text.substr(0, text.size() - 1));
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    isSafeToShow(shown);
}

void sanctionsHold(Choices choices) {
    Sanctions sanctions;
    const std::string target(choices.rest());
    store::Sanction sanction;
    sanction.kind = store::Sanction::Kind::Ban;
    sanction.target = Sanctions::banTarget(target);
    sanction.untilMs = 100;
    HOLDS(sanctions.put(sanction));
    HOLDS(sanctions.find(sanction.kind, Sanctions::banTarget(target), 50));
    HOLDS(!sanctions.find(sanction.kind, sanction.target, 100));
    // A ban is one by address, by cloak, or by nick.
    const auto bans = addressBans(sanctions, 50);
    const bool byAddress = bans && !bans->empty(), byCloak = isCloakTarget(target);
    const bool byNick = sanctions.banOfNick(target, 50) != nullptr;
    HOLDS(byAddress + byCloak + byNick == 1);
    HOLDS(sanctions.drop(sanction.kind, sanction.target));
    HOLDS(!sanctions.any(sanction.kind));
    HOLDS(nickKey(nickKey(target)) == nickKey(target));
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    const auto order = netchat::serve::orderOf(text);
    if (order) {
        orderHolds(*order);
    } else {
        isSafeToShow(order.error().text);
    }
    answersHold(Choices(text));
    auditHolds(Choices(text));
    sanctionsHold(Choices(text));
    return 0;
}
