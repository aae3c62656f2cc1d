// Who comes: from the acceptor, straight or by way of a balancer, past the bans and the counts, to
// a loop.
//
//     acceptor --> accepted --> expect --PROXY header--> headerRead --> admit --> loop
//                      \___________________________________________/

#include "modes/net/address.h"
#include "modes/net/clock.h"
#include "modes/serve/host/server.h"
#include "modes/serve/limits/address_key.h"

namespace netchat::serve {

namespace {

// So many new connections are a crowd: what it takes to let them in is more than they keep.
constexpr size_t kCrowd = 1024;

}  // namespace

// One for each loop, where headers are read.
void Server::makeHeaderReaders() {
    for (size_t i = 0; i < loops_.size(); ++i) {
        headerReaders_.push_back(std::make_unique<net::ProxyReader>(
            *loops_[i], [this, i](const net::ProxyReader::Outcome& outcome) {
                headerRead(*hosts_[i], outcome);
            }));
    }
}

// On the acceptor's thread.
void Server::accepted(const Poco::Net::StreamSocket& socket) {
    Poco::Net::SocketAddress peer;
    try {
        peer = socket.peerAddress();
    } catch (const Poco::Exception&) {
        return;  // it has gone already
    }
    const size_t loop = nextLoop_++ % hosts_.size();
    if (!balancers_.contains(peer.host())) {
        return admit(*hosts_[loop], socket, {peer.host(), isLocal(peer.host()), {}});
    }
    // Bans and counts are of whom it will say.
    if (admission_->expect(net::monotonicMs())) {
        headerReaders_[loop]->await(socket, peer, admission_->greetingMs());
    }
}

// On the loop of the host.
void Server::headerRead(LoopHost& host, const net::ProxyReader::Outcome& outcome) {
    admission_->arrived();
    const auto& balancer = outcome.peer.host();
    if (!outcome.header) return logBadHeader(outcome);
    const auto& client = outcome.header->client;
    if (outcome.header->command == net::ProxyHeader::Command::Local) {
        admit(host, outcome.socket, {balancer, isLocal(balancer), {}});
    } else if (client) {
        // The balancer's own machine may be another than this.
        const bool local = isLocal(balancer) && isLocal(client->host());
        admit(host, outcome.socket, {client->host(), local, Forwarded{client, !local}});
    } else {
        admit(host, outcome.socket, {balancer, false, Forwarded{{}, true}});
    }
}

// On the acceptor's thread, or the host's.
void Server::admit(LoopHost& host, const Poco::Net::StreamSocket& socket, const Arrival& arrival) {
    if (!gate_.empty()) {
        const std::string why = gate_.refusal(arrival.address, time_->trustedMs());
        if (!why.empty()) return refuse(host, socket, arrival, {ErrorCode::Banned, why});
    }
    const auto admitted =
        admission_->admit(arrival.address, arrival.onThisMachine, net::monotonicMs());
    if (!admitted) return refuse(host, socket, arrival, admitted.error());
    host.accept(socket, *admitted, arrival.forwarded);
    if (++admitted_ % kCrowd == 0) trimSoon();
}

// They are told why, as long as there are not too many of them.
void Server::refuse(LoopHost& host, const Poco::Net::StreamSocket& socket, const Arrival& arrival,
                    Error why) {
    if (mayTell()) host.acceptUnwelcome(socket, std::move(why), arrival.forwarded);
}

// A machine that is trusted to send a header, and has not.
void Server::logBadHeader(const net::ProxyReader::Outcome& outcome) {
    const std::string& why = outcome.header.error().text;
    const auto text = [&] { return net::toText(outcome.peer) + ": refused: " + why; };
    if (outcome.silent) {
        if (log_.wantsDetail()) log_.detail(text());
    } else if (mayTell()) {
        log_.notice(text());
    }
}

// Whether there are few enough who are refused for one more to be told, or told of.
bool Server::mayTell() {
    const auto untold = admission_->tell(net::monotonicMs());
    if (!untold) return false;
    if (*untold > 0) {
        log_.notice("closed " + std::to_string(*untold) + " connections without giving a reason");
    }
    return true;
}

}  // namespace netchat::serve
