// The hub's part when settings are read again: it writes down who ordered it and what came of it,
// and goes by the new limits from the next command on.

#include "modes/serve/hub/hub.h"

namespace netchat::serve {

void Hub::beginReload(const AdminRequest& c) {
    const std::string by = "ctl uid " + std::to_string(c.uid);
    Status status = Ok{};
    if (operators_.ports.audit) status = operators_.ports.audit({nowMs_, by, "reload", {}, {}, {}});
    if (status && !operators_.ports.reload) {
        status = Error{ErrorCode::BadState, "this server cannot reload its settings"};
    }
    if (status) return operators_.ports.reload({c.ticket, by});
    if (operators_.ports.answer) operators_.ports.answer(c.ticket, {status.error()});
}

void Hub::on(const LimitsChanged& c) {
    options_.limits = *c.limits;
    directory_.limitBy(c.limits->nicksPerAddressMax);
}

void Hub::on(const Reloaded& c) {
    const auto& [request, answer] = *c.done;
    const std::string what = answer.status ? answer.text : answer.status.error().text;
    if (operators_.ports.audit) {
        (void)operators_.ports.audit({nowMs_, request.by, "reload", {}, what, {}});
    }
    if (request.ticket == 0 || !operators_.ports.answer) return;
    operators_.ports.answer(request.ticket, answer);
}

}  // namespace netchat::serve
