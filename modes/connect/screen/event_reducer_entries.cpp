// The part of the reducer that is about what people say and drop.

#include <algorithm>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include "modes/connect/formatter.h"
#include "modes/connect/screen/event_reducer.h"
#include "modes/connect/screen/text/ascii_lower.h"
#include "modes/connect/screen/text/graphemes.h"
#include "modes/connect/wording.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

namespace event = client::event;

// Of files above the limit, so many are asked about; the others wait in !files.
constexpr size_t kOfferedMax = 20;
constexpr size_t kNotificationColumns = 120, kNotificationBytes = 480;

bool same(char a, char b) {
    return asciiLower(a) == asciiLower(b);
}

bool isPictureName(std::string_view name) {
    static constexpr std::string_view kEndings[] = {".png", ".jpg", ".jpeg"};
    return std::any_of(std::begin(kEndings), std::end(kEndings), [&](std::string_view ending) {
        return name.size() > ending.size() &&
               std::equal(ending.rbegin(), ending.rend(), name.rbegin(), same);
    });
}

}  // namespace

// ---- lines

template <class Said>
Line EventReducer::begunLine(Line::Kind kind, const Said& said, const Moment& now) {
    Line line;
    line.kind = kind;
    line.time = said.time == 0 ? now.wallMs : said.time;
    line.own = said.own;
    line.from = SafeText(said.from);
    return line;
}

void EventReducer::setWords(Line& line, std::string_view text) const {
    line.text = SafeText(text, SafeText::Newlines::Keep);
    highlights_.are(state_.nick, state_.settings.highlight());
    line.mention = !line.own && highlights_.in(line.text);
}

Line EventReducer::lineOf(const event::Message& message, const Moment& now) const {
    Line line = begunLine(Line::Kind::Message, message, now);
    line.seq = message.seq;
    setWords(line, message.text);
    return line;
}

Line EventReducer::lineOf(const event::Private& message, const Moment& now) const {
    Line line = begunLine(Line::Kind::Message, message, now);
    setWords(line, message.text);
    return line;
}

Line EventReducer::lineOf(const event::File& file, const Moment& now) const {
    Line line = begunLine(Line::Kind::File, file, now);
    line.seq = file.seq;
    line.text = SafeText(droppedText(file));
    return line;
}

template <class Said>
bool EventReducer::isIgnored(const Said& said) const {
    return !said.own && state_.ignored.count(said.from) > 0;
}

// ---- entries of rooms' logs

void EventReducer::entry(const event::Message& message, const Moment& now) {
    logEntry(message, now);
}

void EventReducer::entry(const event::File& file, const Moment& now) {
    logEntry(file, now);
}

template <class Entry>
void EventReducer::logEntry(const Entry& entry, const Moment& now) {
    if (entry.history && entry.room == pageRoom_) return pageEntry(entry, now);
    if (entry.history && entry.room == searchRoom_) {
        if (searchMatters_ && !isIgnored(entry)) {
            state_.finding.hit = std::max(state_.finding.hit, entry.seq);
        }
        return;
    }
    if (entry.own) acknowledged(entry.id);
    RoomView* room = roomOf(entry.room);
    if (room == nullptr) return;
    // It is there, and not shown: a number that is missing would be a hole.
    if (isIgnored(entry)) return room->lines.fill(entry.seq, entry.seq, {});
    if constexpr (std::is_same_v<Entry, event::File>) fileEntry(entry);
    place(*room, {entry.from, entry.seq, entry.history}, lineOf(entry, now));
    spoke(*room, entry.from);
}

void EventReducer::place(RoomView& room, const Arrival& what, Line line) {
    const bool own = line.own;
    const std::optional<SafeText> mention = line.mention ? std::optional(line.text) : std::nullopt;
    const uint64_t id =
        what.seq == 0 ? room.lines.append(std::move(line)) : room.lines.add(std::move(line));
    if (id == 0) return;  // it is there already
    // What was said between an earlier run and this one.
    const bool missedByAll = std::exchange(room.catchingUp, false) && what.history;
    if (missedByAll && !room.hasNew()) room.newFrom = id;
    if (!own) arrived(room, what, id, mention ? &*mention : nullptr);
}

void EventReducer::privately(const event::Private& message, const Moment& now) {
    if (message.own) acknowledged(message.id);
    if (isIgnored(message)) return;
    RoomView& room =
        state_.rooms.open(RoomView::Kind::Private, message.own ? message.to : message.from);
    Line line = lineOf(message, now);
    line.mention = !message.own;  // it is said to nobody else
    const SafeText text = line.text;
    const uint64_t id = room.lines.append(std::move(line));
    state_.effects.save = true;  // it is in no log
    if (!message.own) arrived(room, {.from = message.from}, id, &text);
}

// Something new that somebody may not see.
void EventReducer::arrived(RoomView& room, const Arrival& what, uint64_t line,
                           const SafeText* mention) {
    if (mention && state_.settings.bell()) state_.effects.bell = true;
    const bool looked = &room == state_.rooms.current() && state_.focused;
    if (looked && !room.anchor) return;
    if (!room.hasNew()) room.newFrom = line;
    if (mention && !what.history) notify(room, what.from, *mention);
    if (room.anchor) {
        RoomView::Below& below = room.below;
        if (below.lines == 0) below = {.fromLine = line, .fromSeq = what.seq};
        ++below.lines;
        if (mention) ++below.mentions;
    }
    const bool quiet = room.kind == RoomView::Kind::Public && state_.settings.isQuiet(room.name);
    if (looked || (quiet && !mention)) return;
    // What a count began with, and what is for us, is kept although this run may end at once.
    if (room.unread == 0 || mention) state_.effects.save = true;
    ++room.unread;
    if (mention) ++room.mentions;
}

// One line, safe and short: it leaves the screen for places that nobody here knows.
void EventReducer::notify(const RoomView& room, std::string_view from, const SafeText& text) {
    if (state_.settings.notify() == Settings::Notify::Off) return;
    const bool inPrivate = room.kind == RoomView::Kind::Private;
    const std::string all =
        std::string(from) + (inPrivate ? "" : " in " + room.name) + ": " + text.str();
    const SafeText line(all);
    const auto shortened = prefixOfColumns(line.view(), kNotificationColumns);
    state_.effects.notification = SafeText(utf8::prefix(shortened, kNotificationBytes)).str();
}

void EventReducer::spoke(RoomView& room, std::string_view nick) {
    Person* person = room.find(nick);
    if (person == nullptr) return;
    if (person->spoke == 0) room.talked(nick);
    person->spoke = ++lastSpoken_;
}

void EventReducer::pageBegin(const event::HistoryPage& page) {
    pageRoom_ = page.room;
    pageFirst_ = page.first;
    pageLast_ = page.last;
    pageMore_ = page.more;
    pageEmpty_ = true;
    page_.clear();
}

template <class Entry>
void EventReducer::pageEntry(const Entry& entry, const Moment& now) {
    pageEmpty_ = false;
    if (entry.own) acknowledged(entry.id);
    if constexpr (std::is_same_v<Entry, event::File>) state_.files.announced(entry, false);
    if (!isIgnored(entry)) page_.push_back(lineOf(entry, now));
}

void EventReducer::pageEnd(const Moment& now) {
    RoomView* room = state_.rooms.find(RoomView::Kind::Public, std::exchange(pageRoom_, {}));
    std::vector<Line> entries = std::exchange(page_, {});
    if (room == nullptr || !room->asked) return;
    const uint64_t to = std::min(room->asked->before - 1, room->lines.newest());
    const uint64_t from = pageMore_ && pageFirst_ != 0 ? pageFirst_ : 1;
    room->asked.reset();
    // An answer to what was asked of a log that began anew since, or of a server that is wrong: it
    // is asked for again, but not at once.
    if (from > to || pageLast_ > to) room->askAfterMs = now.monoMs + kAskAgainMs;
    // The log begins later: what is kept of it is read from its other end.
    if (pageEmpty_) room->goesToTop = false;
    if (pageLast_ <= to) room->lines.fill(from, to, std::move(entries));
}

void EventReducer::gap(const event::Gap& gap, const Moment& now) {
    RoomView* room = roomOf(gap.room);
    if (room == nullptr) return;
    room->lines.fill(gap.first, gap.last, {});
    sentence(gap, now, room);
}

void EventReducer::searchPage(const event::SearchPage& page) {
    Finding& finding = state_.finding;
    searchRoom_ = page.room;
    searchMatters_ = finding.waiting && finding.room == page.room && finding.words == page.text;
    if (!searchMatters_) return;
    finding.hit = 0;
    finding.first = page.first;
    finding.more = page.more;
}

// The newest that was found is gone to; where the server has looked at a part only, it looks on.
void EventReducer::searchEnd() {
    Finding& finding = state_.finding;
    RoomView* room = state_.rooms.find(RoomView::Kind::Public, std::exchange(searchRoom_, {}));
    if (!std::exchange(searchMatters_, false) || room == nullptr) return;
    finding.waiting = false;
    if (finding.hit != 0) {
        finding.line = 0;
        finding.seq = room->goesTo = finding.hit;
        return;
    }
    if (finding.more && finding.first > 1 && finding.first < finding.before) {
        finding.waiting = true;
        finding.before = finding.first;
        return state_.orders.push_back({.kind = ClientCommand::Kind::Search,
                                        .where = finding.room,
                                        .text = finding.words,
                                        .number = finding.before});
    }
    finding.failed = true;
    if (room == state_.rooms.current()) room->hint = finding.nothingText();
}

// ---- pending lines

uint64_t EventReducer::addPending(RoomView& room, std::string_view text, const Moment& now) {
    Line line;
    line.kind = Line::Kind::Message;
    line.own = true;
    line.time = now.wallMs;
    line.from = SafeText(state_.nick);
    line.text = SafeText(text, SafeText::Newlines::Keep);
    const uint64_t id = room.lines.addPending(std::move(line));
    pending_.emplace(++lastTag_, PendingLine{room.kind, room.name, id});
    return lastTag_;
}

void EventReducer::settle(uint64_t tag, void (Scrollback::*how)(uint64_t line)) {
    const auto found = pending_.find(tag);
    if (found == pending_.end()) return;
    RoomView* room = state_.rooms.find(found->second.kind, found->second.room);
    if (room != nullptr) (room->lines.*how)(found->second.line);
    pending_.erase(found);
    std::erase_if(tagOf_, [&](const auto& entry) { return entry.second == tag; });
}

void EventReducer::acknowledged(std::string_view id) {
    const auto found = tagOf_.find(id);
    if (found != tagOf_.end()) settle(found->second, &Scrollback::removePending);
}

// A classic server does not give it back: what was said stays where it is.
void EventReducer::written(uint64_t tag) {
    settle(tag, &Scrollback::keepPending);
}

// ---- files

void EventReducer::fileEntry(const event::File& file) {
    state_.files.announced(file, file.fetching);
    if (file.own || file.history || file.fetching) return;
    if (state_.offered.size() == kOfferedMax) state_.offered.pop_front();
    if (const KnownFile* known = state_.files.find(file.sha256)) {
        state_.offered.push_back(known->number);
    }
}

void EventReducer::tellDownloads(const Moment& now) {
    if (std::exchange(downloadsTold_, true) || state_.options.downloads.empty()) return;
    note("files are saved in " + forLog(state_.options.downloads, 200), now);
}

std::string EventReducer::timing(std::string_view key, uint64_t size, const Moment& now) const {
    const std::string time = state_.transfers.timeOf(key, now.monoMs);
    const std::string rate = state_.transfers.meanRate(key, size, now.monoMs);
    return (time.empty() ? " in <1 s" : " in " + time) + (rate.empty() ? "" : ", " + rate);
}

void EventReducer::received(const event::FileReceived& file, const Moment& now) {
    state_.files.changed(file.sha256, file.name, KnownFile::State::Received);
    tellDownloads(now);
    const auto key = file.sha256.empty() ? file.name : file.sha256;
    const std::string path = file.path.empty() ? "" : " -> " + std::string(file.path);
    const bool asked = state_.fetched.erase(std::string(file.sha256)) > 0;
    RoomView* room = roomOf(file.room) ? roomOf(file.room) : state_.rooms.current();
    const std::string text =
        "received " + std::string(file.name) + " (" + sizeText(file.size) + ")" +
        (file.again ? "" : timing(key, file.size, now)) + path +
        (file.again ? " (it was there already)" : "") +
        (path.empty() || !isPictureName(file.name) ? "" : "; !preview shows it");
    if (asked) {
        answer(Line::Kind::Note, text, now, room);
    } else {
        own(Line::Kind::Note, text, now, room);
    }
    if (!file.path.empty()) state_.rememberPath(file.name, file.path);
}

void EventReducer::uploaded(const event::Uploaded& file, const Moment& now) {
    answer(Line::Kind::Note,
           "sent " + std::string(file.name) + " (" + sizeText(file.size) + ")" +
               timing(file.id, file.size, now),
           now, roomOf(file.room));
}

void EventReducer::failed(const event::FileFailed& file, const Moment& now) {
    const bool cancelled = file.code == client::kCancelled;
    state_.files.changed(file.sha256, file.name,
                         cancelled ? KnownFile::State::Offered : KnownFile::State::Failed);
    state_.fetched.erase(std::string(file.sha256));
    answer(cancelled ? Line::Kind::Note : Line::Kind::Trouble,
           std::string(file.name) +
               (cancelled ? " was cancelled" : " was not received: " + reasonText(file)),
           now, roomOf(file.room));
}

void EventReducer::transfersNow(const TransfersNow& transfers, const Moment& now) {
    using Moving = client::Transfer::State;
    std::vector<TransferSample> samples;
    for (const client::Transfer& transfer : transfers.all) {
        samples.push_back({.upload = transfer.upload,
                           .key = transfer.key(),
                           .name = transfer.name,
                           .done = transfer.done,
                           .size = transfer.size,
                           .waiting = transfer.state == Moving::Waiting,
                           .hashing = transfer.state == Moving::Hashing});
    }
    state_.transfers.update(samples, now.monoMs);
}

}  // namespace netchat::connect
