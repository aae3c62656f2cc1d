#include "harness/run/bot.h"

#include <algorithm>
#include <fstream>

#include "modes/client/sha256.h"
#include "modes/net/clock.h"

namespace netchat::harness {

using client::Event;
namespace event = client::event;

namespace {

constexpr int64_t kAbsenceMs = 50;

}  // namespace

Bot::Bot(uint32_t index, client::Options options, Context& context)
    : index_(index),
      plan_(context.workload.bots[index]),
      options_(std::move(options)),
      context_(context) {
}

Bot::~Bot() {
    context_.loop.cancel(timer_);
}

void Bot::start() {
    state_ = State::Coming;
    // A classic user has asked to come as soon as it connects: there is no other join.
    if (plan_.classic) context_.recorder.record(index_, Kind::Join, 0);
    client_ = std::make_unique<client::Client>(context_.loop, options_,
                                               static_cast<client::Listener&>(*this));
    if (memory_) takeUp();
    client_->start();
}

void Bot::remember(BotMemory memory,
                   const std::function<std::filesystem::path(uint32_t file)>& pathOf) {
    options_.resume = memory.resume(context_.workload, index_);
    options_.reconnect.when = client::ReconnectOptions::When::Always;
    next_ = memory.next;
    inFlight_ = static_cast<uint32_t>(memory.said.size());
    memory_.emplace(Memory{std::move(memory), {}});
    for (const auto& [file, id] : memory_->what.uploads) {
        memory_->uploads.emplace_back(file, pathOf(file));
    }
}

// Whether a file was in its place when the process was killed, before anybody was told so.
bool Bot::hasAlready(uint32_t file) {
    const FilePlan& plan = context_.workload.files[file];
    const std::filesystem::path path = options_.downloads / plan.name;
    std::ifstream in(path, std::ios::binary);
    if (!in) return false;
    client::Sha256 hash;
    for (std::string piece(limits::kMiB, '\0'); in;) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        hash.update(std::string_view(piece).substr(0, static_cast<size_t>(in.gcount())));
    }
    const std::string sha256 = hash.hex();
    const std::string where = path.string();
    context_.recorder.onEvent(index_,
                              event::FileReceived{.name = plan.name,
                                                  .path = where,
                                                  .sha256 = sha256,
                                                  .size = std::filesystem::file_size(path)});
    context_.onPlaced(path);
    return true;
}

// Its rooms, what it said, and its files, as it left them.
void Bot::takeUp() {
    const Workload& workload = context_.workload;
    const BotMemory& memory = memory_->what;
    for (const uint16_t room : plan_.rooms) client_->join(workload.rooms[room]);
    for (const auto& [number, said] : memory.said) {
        context_.recorder.remember(index_, said.id, number, false);
    }
    for (const auto& [file, path] : memory_->uploads) {
        const std::string& id = memory.uploads.at(file);
        context_.recorder.remember(index_, id, file, true);
        const auto begun = client_->upload(workload.rooms[workload.files[file].room], path, id);
        if (begun) uploading_ = true;
        if (!begun) context_.recorder.uploadRefused(index_, file, begun.error().text);
    }
    for (const uint32_t file : memory.wanted) {
        if (hasAlready(file)) continue;
        const FilePlan& plan = workload.files[file];
        client_->get(context_.recorder.sha256(file), plan.name, plan.size);
    }
    state_ = State::There;
}

void Bot::onConnected(const event::Connected& connected) {
    connected_ = everConnected_ = true;
    if (context_.onUser) context_.onUser(index_, client_->state());
    if (std::exchange(memory_, {})) {
        context_.recorder.back(index_, Kind::BotBack, client_->unacknowledged());
    } else if (connected.again) {
        context_.recorder.back(index_, Kind::Back, client_->unacknowledged());
    } else if (!plan_.classic) {
        come();
    }
}

void Bot::come() {
    state_ = State::Coming;
    roomsOpen_ = {plan_.rooms.begin(), plan_.rooms.end()};
    for (const uint16_t room : plan_.rooms) {
        context_.recorder.record(index_, Kind::Join, room);
        client_->join(context_.workload.rooms[room]);
    }
}

void Bot::onJoined(uint16_t room, uint64_t seq) {
    if (state_ != State::Coming) return;
    context_.recorder.add({.seq = seq, .bot = index_, .room = room, .kind = Kind::Joined});
    roomsOpen_.erase(room);
    if (plan_.classic || roomsOpen_.empty()) state_ = State::There;
}

// ---- talking

bool Bot::windowOpen() const {
    const size_t open = plan_.classic ? client_->unacknowledged() : inFlight_;
    return open < context_.workload.window;
}

void Bot::say(uint32_t number, uint16_t room, int64_t dueNs) {
    const std::string text = makeText(context_.workload.payload, index_, number);
    const std::string id = client_->say(context_.workload.rooms[room], text);
    if (!plan_.classic) ++inFlight_;
    context_.recorder.sent(index_, number, room, id, dueNs);
}

void Bot::talk(int64_t startNs, int64_t nowNs) {
    if (state_ != State::There) return;
    uploadNext();
    // A classic bot's window never fills while the kernel takes all: this bounds one turn.
    const uint32_t most = std::min(context_.workload.window, context_.saysPerTurn);
    for (uint32_t i = 0; i < most && next_ < plan_.says.size(); ++i) {
        if (plan_.absence && !wasAway_ && next_ == plan_.absence->afterMessage) break;
        const Utterance& utterance = plan_.says[next_];
        if (startNs + utterance.dueNs > nowNs || !windowOpen()) return;
        ++next_;
        say(utterance.number, utterance.room,
            utterance.dueNs != 0 ? startNs + utterance.dueNs : nowNs);
    }
    if (plan_.absence && !wasAway_ && next_ == plan_.absence->afterMessage && !uploading_) go();
}

void Bot::probe() {
    if (state_ == State::There || (plan_.classic && connected_ && state_ == State::Coming)) {
        say(kFirstProbe + probes_++, 0, 0);
    }
}

void Bot::addFile(uint32_t file, std::filesystem::path path) {
    files_.emplace_back(file, std::move(path));
}

void Bot::uploadNext() {
    if (uploading_ || files_.empty()) return;
    const auto [file, path] = files_.front();
    if (next_ < context_.workload.files[file].afterMessage) return;
    files_.pop_front();
    const auto id =
        client_->upload(context_.workload.rooms[context_.workload.files[file].room], path);
    context_.recorder.uploading(index_, file, id ? *id : std::string());
    if (id) {
        uploading_ = true;
    } else {
        context_.recorder.uploadRefused(index_, file, id.error().text);
    }
}

bool Bot::done() const {
    if (state_ == State::Broken || state_ == State::Finished) return true;
    return state_ == State::There && next_ == plan_.says.size() && files_.empty() && !uploading_ &&
           (!plan_.absence || wasAway_);
}

// ---- going

void Bot::go() {
    state_ = State::Going;
    wasAway_ = true;
    roomsOpen_ = {plan_.rooms.begin(), plan_.rooms.end()};
    for (const uint16_t room : plan_.rooms) {
        context_.recorder.record(index_, Kind::Leave, room);
        if (!plan_.classic) client_->leave(context_.workload.rooms[room]);
    }
    if (plan_.classic) client_->bye();
}

void Bot::onLeft(uint16_t room) {
    if (state_ != State::Going) return;
    context_.recorder.record(index_, Kind::Left, room);
    roomsOpen_.erase(room);
    if (roomsOpen_.empty()) comeBackLater();
}

void Bot::comeBackLater() {
    state_ = State::Away;
    timer_ = context_.loop.after(kAbsenceMs, [this] {
        timer_ = 0;
        if (state_ != State::Away) return;
        plan_.classic ? start() : come();
    });
}

void Bot::finish() {
    context_.loop.cancel(timer_);
    timer_ = 0;
    if (state_ == State::Broken || state_ == State::Finished) return;
    const bool gone = plan_.classic && state_ == State::Away;
    state_ = gone || !client_ ? State::Finished : State::Going;
    files_.clear();
    wasAway_ = true;
    finishing_ = true;
    if (state_ == State::Going) client_->bye();
}

// Cut off, or could not come back yet; it is tried again.
void Bot::onReconnecting(const event::Reconnecting& away) {
    if (!std::exchange(connected_, false)) return;
    context_.recorder.record(index_, Kind::Cut, kNoRoom, away.text);
}

void Bot::onDisconnected(const event::Disconnected& ended) {
    connected_ = false;
    if (finishing_) {
        state_ = State::Finished;
    } else if (state_ == State::Going && plan_.classic && ended.code.empty()) {
        context_.recorder.record(index_, Kind::Closed);
        comeBackLater();
    } else {
        state_ = State::Broken;
        reason_ = std::string(ended.text.empty() ? ended.code : ended.text);
        if (everConnected_) context_.recorder.record(index_, Kind::Lost, kNoRoom, reason_);
    }
}

// ---- events

void Bot::onEvent(const Event& event) {
    context_.onActivity();
    bool progress = true;
    std::visit(
        client::Overloaded{
            [this](const event::Connected& one) { onConnected(one); },
            [this](const event::Reconnecting& one) { onReconnecting(one); },
            [this](const event::Disconnected& one) { onDisconnected(one); },
            [this](const event::Joined& one) {
                if (plan_.classic) return;
                onJoined(context_.recorder.roomIndex(one.room), one.seq);
            },
            [this](const event::Left& one) { onLeft(context_.recorder.roomIndex(one.room)); },
            [&](const auto&) { progress = onOther(event); },
        },
        event);
    if (progress) context_.onProgress(*this);
}

bool Bot::onOther(const Event& event) {
    const auto meaning = context_.recorder.onEvent(index_, event);
    const auto* const received = std::get_if<event::FileReceived>(&event);
    if (received != nullptr && !received->path.empty()) context_.onPlaced(received->path);
    if (meaning == Recorder::Meaning::OwnMessage && inFlight_ > 0) --inFlight_;
    if (meaning == Recorder::Meaning::OwnFile) uploading_ = false;
    if (meaning == Recorder::Meaning::OthersMessage && plan_.classic) onJoined(0, 0);
    return meaning != Recorder::Meaning::Nothing || client::isOneOf<event::Refused>(event);
}

}  // namespace netchat::harness
