// The hub's part when settings are read again: it writes down who ordered it and what came of it,
// and goes by the new limits from the next command on.

#include "modes/serve/hub/hub.h"

namespace netchat::serve {

void Hub::beginReload(const AdminRequest& c) {
    const std::string by = "ctl uid " + std::to_string(c.uid);
    Status status = record({nowMs_, by, "reload", {}, {}, {}});
    if (status && !options_.operators.reload) {
        status = Error{ErrorCode::BadState, "this server cannot reload its settings"};
    }
    if (status) return options_.operators.reload({c.ticket, by});
    reply(c.ticket, {status.error()});
}

void Hub::on(const LimitsChanged& c) {
    options_.limits = *c.limits;
    directory_.limitBy(c.limits->nicksPerAddressMax);
}

void Hub::on(const Reloaded& c) {
    const auto& [request, answer] = *c.done;
    const std::string what = answer.status ? answer.text : answer.status.error().text;
    (void)record({nowMs_, request.by, "reload", {}, what, {}});
    if (request.ticket != 0) reply(request.ticket, answer);
}

}  // namespace netchat::serve
