#include "modes/serve/control/control.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "modes/net/clock.h"
#include "modes/serve/control/control_json.h"

namespace netchat::serve {

namespace {

namespace fs = std::filesystem;

int64_t residentBytes() {
    std::ifstream statm("/proc/self/statm");
    int64_t whole = 0, resident = 0;
    statm >> whole >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

int64_t openDescriptors() {
    std::error_code error;
    const fs::directory_iterator all("/proc/self/fd", error);
    // The one that lists them is there, too.
    return error ? 0 : std::max<int64_t>(0, std::distance(begin(all), end(all)) - 1);
}

int64_t descriptorsMax() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<int64_t>(limit.rlim_cur) : 0;
}

int64_t sizeOf(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    return error ? 0 : static_cast<int64_t>(size);
}

}  // namespace

Result<std::unique_ptr<ControlDesk>> ControlDesk::open(net::EventLoop& loop, const fs::path& folder,
                                                       Ports ports) {
    std::unique_ptr<ControlDesk> desk(new ControlDesk(loop, folder, std::move(ports)));
    auto socket = ControlSocket::open(
        loop, folder,
        [desk = desk.get()](ControlSocket::LinkId link, uid_t who, auto line) {
            desk->heard(link, who, line);
        },
        [desk = desk.get()](const Status& made) {
            desk->ports_.notice(made ? "the control socket was missing and was created again"
                                     : "the control socket is missing: " + made.error().text);
        });
    if (!socket) return socket.error();
    desk->socket_ = std::move(*socket);
    return desk;
}

ControlDesk::ControlDesk(net::EventLoop& loop, fs::path folder, Ports ports)
    : loop_(loop),
      folder_(std::move(folder)),
      ports_(std::move(ports)),
      startedMs_(net::monotonicMs()) {
}

void ControlDesk::start() {
    socket_->start();
}

void ControlDesk::makeSocketIfGone() {
    loop_.post([this] { socket_->makeIfGone(); });
}

void ControlDesk::heard(ControlSocket::LinkId link, uid_t who, std::string_view line) {
    auto order = orderOf(line);
    if (!order) return socket_->answer(link, toJsonLines({order.error()}));
    const auto shared = std::make_shared<const AdminCommand>(std::move(*order));
    asked_[link] = shared;
    CommandBatch batch;
    batch.commands.push_back(AdminRequest{link, who, shared});
    ports_.post(std::move(batch));
}

void ControlDesk::answer(uint64_t ticket, Answer answer) {
    loop_.post([this, ticket, answer = std::move(answer)]() mutable { answerNow(ticket, answer); });
}

void ControlDesk::answerNow(uint64_t ticket, Answer& answer) {
    const auto asked = asked_.extract(ticket);
    if (!asked) return;
    const AdminCommand& order = *asked.mapped();
    if (order.act == AdminAction::Stats && !answer.rows.empty()) addOwnFacts(answer.rows.front());
    if (order.act == AdminAction::Drain && answer.status) {
        draining_ = true;
        ports_.drain(order.forMs);
    }
    socket_->answer(ticket, toJsonLines(answer));
}

void ControlDesk::addOwnFacts(Row& row) const {
    row.emplace_back("log_file_bytes", sizeOf(folder_ / "log.sqlite"));
    row.emplace_back("memory_bytes", residentBytes());
    row.emplace_back("descriptors", openDescriptors());
    row.emplace_back("descriptors_max", descriptorsMax());
    row.emplace_back("uptime_s", (net::monotonicMs() - startedMs_) / 1000);
    row.emplace_back("draining", draining_);
}

}  // namespace netchat::serve
