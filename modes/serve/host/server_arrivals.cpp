// Who comes: from the acceptor, straight or by way of a balancer, past the bans and the counts, to
// a loop.
//
//     acceptor --> accepted --> expect --PROXY header--> headerRead --> admit --> loop
//                      \___________________________________________/

#include <fcntl.h>

#include "modes/net/address.h"
#include "modes/net/clock.h"
#include "modes/serve/host/server.h"
#include "modes/serve/limits/address_key.h"

namespace netchat::serve {

namespace {

// So many new connections are a crowd: what it takes to let them in is more than they keep.
constexpr size_t kCrowd = 1024;

// From the first connection that is closed without a word to the line about all of them.
constexpr int64_t kUntoldForMs = 1000;

// Of a network that private addresses may need, fc00::/7.
constexpr unsigned kBitsOfBalancers = 7;

// Closes it on the thread that has read from it: the acceptor may let go of its socket later.
void letGo(Poco::Net::StreamSocket socket) {
    socket.close();
}

}  // namespace

void Server::useBalancers() {
    balancers_.set(options_.proxyFrom);
    for (const Network& network : options_.proxyFrom) {
        if (network.prefix() >= kBitsOfBalancers) continue;
        log_.notice("--proxy-from " + network.text() +
                    " is very wide: everybody in it can claim to be any client");
    }
}

// On a thread of its own: a loop that is busy with the handshakes of a crowd would let the headers
// of the others wait, and they would be taken for connections that send none. On the acceptor's
// thread, with the first balancer that connects.
net::ProxyReader& Server::headerReader() {
    if (!headerReader_) {
        headerLoop_ = std::make_unique<net::LoopThread>();
        headerReader_ = std::make_unique<net::ProxyReader>(
            headerLoop_->loop(),
            [this](const net::ProxyReader::Outcome& outcome) { headerRead(outcome); });
    }
    return *headerReader_;
}

LoopHost& Server::nextHost() {
    return *hosts_[nextHost_++ % hosts_.size()];
}

// On the acceptor's thread.
void Server::accepted(const Poco::Net::StreamSocket& socket) {
    Poco::Net::SocketAddress peer;
    try {
        peer = socket.peerAddress();
    } catch (const Poco::Exception&) {
        return;  // it has gone already
    }
    if (!balancers_.contains(peer.host())) {
        return admit(Incoming(socket), {peer.host(), isLocal(peer.host()), {}});
    }
    // Bans and counts are of whom it will say.
    auto& reader = headerReader();
    if (!admission_->expect(net::monotonicMs())) return logUntoldSoon();
    reader.await(socket, peer, admission_->greetingMs());
}

// On the thread of the headers.
void Server::headerRead(const net::ProxyReader::Outcome& outcome) {
    admission_->arrived();
    const auto& balancer = outcome.peer.host();
    if (!outcome.header) return logBadHeader(outcome);
    const auto& client = outcome.header->client;
    const int fd = ::fcntl(outcome.socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 0);
    letGo(outcome.socket);
    if (fd < 0) return;  // there are no more descriptors
    const Incoming incoming(fd);
    if (outcome.header->command == net::ProxyHeader::Command::Local) {
        admit(incoming, {balancer, isLocal(balancer), {}});
    } else if (client) {
        // The balancer's own machine may be another than this.
        const bool local = isLocal(balancer) && isLocal(client->host());
        admit(incoming, {client->host(), local, Forwarded{client, !local}});
    } else {
        admit(incoming, {balancer, false, Forwarded{{}, true}});
    }
}

// On the acceptor's thread, or that of the headers.
void Server::admit(const Incoming& incoming, const Arrival& arrival) {
    LoopHost& host = nextHost();
    if (!gate_.empty()) {
        const std::string why = gate_.refusal(arrival.address, time_->trustedMs());
        if (!why.empty()) return refuse(host, incoming, arrival, {ErrorCode::Banned, why});
    }
    const auto admitted =
        admission_->admit(arrival.address, arrival.onThisMachine, net::monotonicMs());
    if (!admitted) return refuse(host, incoming, arrival, admitted.error());
    host.accept(incoming, *admitted, arrival.forwarded);
    if (++admitted_ % kCrowd == 0) trimSoon();
}

// They are told why, as long as there are not too many of them.
void Server::refuse(LoopHost& host, const Incoming& incoming, const Arrival& arrival, Error why) {
    if (mayTell()) host.acceptUnwelcome(incoming, std::move(why), arrival.forwarded);
}

// A machine that is trusted to send a header, and has not.
void Server::logBadHeader(const net::ProxyReader::Outcome& outcome) {
    const std::string& why = outcome.header.error().text;
    const auto text = [&] { return net::toText(outcome.peer) + ": refused: " + why; };
    letGo(outcome.socket);
    if (outcome.silent) {
        if (log_.wantsDetail()) log_.detail(text());
    } else if (mayTell()) {
        log_.notice(text());
    }
}

// Whether one more of those who are refused may be told why, or named in the log.
bool Server::mayTell() {
    const bool may = admission_->tell(net::monotonicMs());
    if (!may) logUntoldSoon();
    return may;
}

// Any thread. However many follow, it is one line for each cause.
void Server::logUntoldSoon() {
    if (untoldSoon_.exchange(true)) return;
    loops_[0]->post([this] {
        loops_[0]->after(kUntoldForMs, [this] {
            untoldSoon_ = false;
            logUntold();
        });
    });
}

void Server::logUntold() {
    const Admission::Untold untold = admission_->takeUntold();
    const auto closed = [](uint64_t count) { return "closed " + std::to_string(count); };
    if (untold.refused > 0) {
        log_.notice(closed(untold.refused) + " connections without giving a reason");
    }
    if (untold.unexpected > 0) {
        log_.notice(closed(untold.unexpected) +
                    " connections from balancers: " + std::to_string(Admission::kExpectedMax) +
                    " others were waiting for their PROXY header");
    }
}

}  // namespace netchat::serve
