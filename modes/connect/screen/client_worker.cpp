#include "modes/connect/screen/client_worker.h"

#include <utility>

#include "modes/client/upload_plan.h"
#include "modes/connect/wording.h"

namespace netchat::connect {

using client::Event;
namespace event = client::event;

namespace {

// What is said of the server's identity is for the screen, too.
ClientWorker::Options telling(ClientWorker::Options options, EventQueue& queue) {
    if (!options.client.trust) return options;
    auto trust = std::make_shared<client::Trust>(*options.client.trust);
    trust->tell = [&queue](const std::string& text) { queue.put(Remark{Level::Note, text}); };
    options.client.trust = std::move(trust);
    return options;
}

}  // namespace

ClientWorker::ClientWorker(net::EventLoop& loop, Options options, EventQueue& queue)
    : loop_(loop),
      options_(telling(std::move(options), queue)),
      queue_(queue),
      client_(loop, options_.client, *this) {
}

ClientWorker::~ClientWorker() {
    loop_.onTurnEnd({});
    loop_.cancel(look_);
    loop_.cancel(ping_);
}

void ClientWorker::start() {
    loop_.onTurnEnd([this] { onTurnEnd(); });
    client_.start();
    client_.join(options_.room, options_.since.joinSince());
}

// ---- what happens

void ClientWorker::onEvent(const Event& event) {
    // Transfers are looked at instead, at a pace of our own.
    if (client::isOneOf<event::Progress>(event)) return;
    std::visit(client::Overloaded{[this](const event::HistoryPage&) { inAnswer_ = true; },
                                  [this](const event::SearchPage&) { inAnswer_ = true; },
                                  [this](const event::HistoryEnd&) { inAnswer_ = false; },
                                  [this](const event::SearchEnd&) { inAnswer_ = false; },
                                  [this](const event::Reconnecting&) { inAnswer_ = false; },
                                  [this](const event::Disconnected&) { inAnswer_ = false; },
                                  [this](const event::Connected&) {
                                      if (!options_.client.classic) client_.ping();
                                      pingLater();
                                  },
                                  client::IgnoreOthers{}},
               event);
    client::remember(options_.memory.get(), event, client_);
    queue_.put(event, inAnswer_);
}

void ClientWorker::onTurnEnd() {
    tellWritten();
    watchTransfers();
    byeIfDone();
    if (!options_.memory) return;
    if (const Status saved = options_.memory->save(); !saved) {
        queue_.put(Remark{Level::Trouble, saved.error().text});
    }
}

// What is acknowledged is the oldest.
void ClientWorker::tellWritten() {
    while (!unwritten_.empty() && unwritten_.size() > client_.unacknowledged()) {
        queue_.put(Written{unwritten_.front()});
        unwritten_.pop_front();
    }
}

void ClientWorker::watchTransfers() {
    if (look_ != 0) return;
    if (!shown_ && client_.transfers().all.empty()) return;
    tellTransfers();
    look_ = loop_.after(kTransfersMs, [this] { look_ = 0; });  // the turn's end looks again
}

void ClientWorker::tellTransfers() {
    auto transfers = client_.transfers().all;
    shown_ = !transfers.empty();
    queue_.putTransfers(std::move(transfers));
}

void ClientWorker::pingLater() {
    if (options_.client.classic || ping_ != 0) return;
    ping_ = loop_.after(kPingMs, [this] {
        ping_ = 0;
        if (client_.connected()) client_.ping();
        pingLater();
    });
}

// ---- what is wanted

void ClientWorker::carryOut(const ClientCommand& order) {
    using Kind = ClientCommand::Kind;
    switch (order.kind) {
        case Kind::Say:
            return number(order, client_.say(order.where, order.text));
        case Kind::Tell:
            return number(order, client_.tell(order.where, order.text));
        case Kind::Upload:
            return upload(order);
        case Kind::Get:
            if (options_.memory) options_.memory->wanted(order.text, order.name, order.number);
            return client_.get(order.text, order.name, order.number, order.where, order.mtime);
        case Kind::Cancel:
            if (!client_.cancel(order.text)) {
                queue_.put(
                    Remark{Level::Trouble, inQuotes(order.name) + " can no longer be cancelled"});
            }
            return;
        case Kind::Join:
            return client_.join(order.where);
        case Kind::Leave:
            return client_.leave(order.where);
        case Kind::Nick:
            return client_.nick(order.text);
        case Kind::Who:
            return client_.who(order.where);
        case Kind::Rooms:
            return client_.rooms();
        case Kind::History:
            return client_.history(order.where, order.number, order.count);
        case Kind::Search:
            return client_.search(order.where, order.text, order.number);
        case Kind::Operate:
            return client_.op(order.name, order.where, order.count, order.text);
        case Kind::Ignore:
            return client_.ignore(order.where, true);
        case Kind::Unignore:
            return client_.ignore(order.where, false);
        case Kind::Reconnect:
            return client_.retry();
        case Kind::Bye:
            return bye();
    }
}

void ClientWorker::number(const ClientCommand& order, const std::string& id) {
    queue_.put(Numbered{order.tag, id});
    if (options_.client.classic) unwritten_.push_back(order.tag);
}

void ClientWorker::upload(const ClientCommand& order) {
    const client::UploadPlan plan = client::planUploads(order.text, order.name);
    for (const client::PlannedUpload& file : plan.files) {
        const auto id = client_.upload(order.where, file.path, {}, {.folder = file.folder});
        if (!id) queue_.put(Remark{Level::Trouble, "not sent: " + id.error().text});
    }
    for (const std::string& error : plan.errors) {
        queue_.put(Remark{Level::Trouble, "not sent: " + error});
    }
    if (!plan.leftOut.empty()) queue_.put(Remark{Level::Note, plan.leftOut});
}

void ClientWorker::bye() {
    leaving_ = true;
    byeIfDone();
}

void ClientWorker::byeIfDone() {
    if (!leaving_ || saidBye_ || client_.unacknowledged() > 0) return;
    saidBye_ = true;
    client_.bye();
}

}  // namespace netchat::connect
