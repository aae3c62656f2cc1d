#include "harness/faults/proxy.h"

#include <Poco/Net/NetException.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <utility>

#include "modes/net/os_error.h"

namespace netchat::harness {

namespace {

constexpr int kBacklog = 16;

void closeOnExec(const Poco::Net::Socket& socket) {
    const int fd = socket.impl()->sockfd();
    fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC);
}

}  // namespace

Result<std::unique_ptr<Proxy>> Proxy::create(net::EventLoop& loop, size_t lanes,
                                             const net::HostPort& server, bool metered) {
    const auto address = net::resolve(server);
    if (!address) return address.error();
    std::unique_ptr<Proxy> proxy(new Proxy(loop, *address, metered));
    try {
        for (size_t i = 0; i < lanes; ++i) {
            Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0), kBacklog);
            socket.setBlocking(false);
            closeOnExec(socket);
            proxy->lanes_.push_back(std::make_unique<Lane>(*proxy, socket));
            loop.watch(socket.impl()->sockfd(), EPOLLIN, *proxy->lanes_.back());
        }
    } catch (const Poco::Exception& exception) {
        return net::osError("the fault proxy cannot listen", exception);
    }
    return proxy;
}

Proxy::~Proxy() {
    for (auto& lane : lanes_) loop_.unwatch(lane->socket.impl()->sockfd());
}

net::HostPort Proxy::address(size_t lane) const {
    return {"127.0.0.1", lanes_[lane]->socket.address().port()};
}

void Proxy::accept(Lane& lane) {
    try {
        Poco::Net::StreamSocket socket = lane.socket.acceptConnection();
        closeOnExec(socket);
        socket.setNoDelay(true);
        socket.setBlocking(false);
        open(lane, socket);
    } catch (const Poco::Exception&) {
        // A bot that is gone already: its socket closes here.
    }
}

void Proxy::open(Lane& lane, const Poco::Net::StreamSocket& socket) {
    Link::Hooks hooks;
    auto own = std::make_shared<Link*>(nullptr);
    hooks.over = [this, &lane, own] { close(lane, *own); };
    if (metered_) {
        lane.meter.connectionBegins();
        hooks.passing = [&lane, own](Direction direction, std::string_view bytes) {
            if (lane.current == *own) lane.meter.bytes(direction, bytes);
        };
    }
    lane.links.push_back(std::make_unique<Link>(loop_, socket, server_, std::move(hooks)));
    *own = lane.current = lane.links.back().get();
    for (const FaultStep& order : std::exchange(lane.waiting, {})) {
        if (lane.current != nullptr) begin(lane, order);
    }
}

// From one of the link's own callbacks: it goes with the next turn.
void Proxy::close(Lane& lane, Link* link) {
    if (lane.current == link) lane.current = nullptr;
    loop_.post([&lane, link, alive = std::weak_ptr<char>(alive_)] {
        if (alive.expired()) return;
        lane.links.remove_if([&](const auto& one) { return one.get() == link; });
    });
}

void Proxy::begin(Lane& lane, const FaultStep& order) {
    if (applied_) applied_(order);
    lane.current->apply(order);
}

void Proxy::apply(const FaultStep& order) {
    Lane& lane = *lanes_[order.bot];
    if (lane.current != nullptr && lane.current->passing()) return begin(lane, order);
    lane.waiting.push_back(order);
}

void Proxy::applyToAll(const FaultStep& order) {
    for (auto& lane : lanes_) {
        // A link that ends by it is removed later.
        for (auto& link : lane->links) link->apply(order);
    }
}

Status Proxy::moveTo(const net::HostPort& server) {
    const auto address = net::resolve(server);
    if (!address) return address.error();
    server_ = *address;
    return Ok{};
}

void Proxy::clear() {
    for (auto& lane : lanes_) {
        lane->waiting.clear();
        for (auto& link : lane->links) link->clear();
    }
}

}  // namespace netchat::harness
