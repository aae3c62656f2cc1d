#include "modes/serve/session.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "modes/serve/classic_dialogue.h"
#include "modes/serve/shard.h"
#include "modes/serve/v2_dialogue.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

namespace {

constexpr size_t kPiecesMax = 64;
// What one session sends of files in one turn, so that others are served in between.
constexpr size_t kFileBytesPerTurn = 256 * limits::kKiB;
// Shorter files go out in one call with what surrounds them: the original's clients read a file
// with one recv().
constexpr size_t kFileBytesInOneCall = 64 * limits::kKiB;

}  // namespace

Session::Session(SessionId id, Shard& shard, Transport& transport)
    : id_(id), shard_(shard), transport_(transport) {
}

Session::~Session() = default;

std::string Session::label() const {
    return transport_.peer() + (nick_.empty() ? std::string() : " (" + forLog(nick_) + ")");
}

// ---- input

void Session::receive(std::string_view bytes) {
    if (state_ == State::Undecided) {
        decide(bytes);
    } else if (state_ == State::Talking) {
        dialogue_->receive(bytes);
    }
}

// Collects in outbox_, which has no other use yet, until the dialect is clear.
void Session::decide(std::string_view bytes) {
    const size_t known = outbox_.size();
    outbox_.append(bytes.substr(0, 64));
    const Guess guess = guessDialect(outbox_);
    if (guess == Guess::Open) return;
    const std::string before = std::exchange(outbox_, {}).substr(0, known);
    if (guess == Guess::V2) {
        dialogue_ = std::make_unique<V2Dialogue>(*this);
    } else {
        dialogue_ = std::make_unique<ClassicDialogue>(*this);
    }
    state_ = State::Talking;
    if (!before.empty()) dialogue_->receive(before);
    if (state_ == State::Talking) dialogue_->receive(bytes);
}

void Session::peerEnded(std::string_view reason) {
    peerEnded_ = true;
    if (state_ == State::Draining || (state_ == State::Closing && !reason.empty())) die();
    if (!takesInput()) return;
    if (!reason.empty()) shard_.log().detail(label() + ": connection lost: " + std::string(reason));
    if (state_ == State::Undecided) {
        close();
        return;
    }
    state_ = State::Leaving;
    leave();
}

void Session::die() {
    if (state_ == State::Dead) return;
    state_ = State::Dead;
    shard_.died(*this);
}

void Session::partPolitely() {
    state_ = State::Leaving;
    leave();
}

// The hub is told when nothing is on its way to it any more.
void Session::leave() {
    if (dialogue_->waits() || (uploads_ && uploads_->finishing())) return;
    if (uploads_ && uploads_->count() > 0) {
        shard_.log().notice(label() + ": ended in the middle of a file; it is dropped");
        uploads_.reset();
    }
    shard_.commands().commands.push_back(Gone{id_});
}

void Session::writable() {
    blocked_ = false;
    shard_.wantFlush(*this);
}

Uploads& Session::uploads() {
    if (!uploads_) {
        uploads_ = std::make_unique<Uploads>(shard_.files(), *dialogue_, shard_.deliverTo(id_));
    }
    return *uploads_;
}

void Session::storeAnswered(const StoreAnswer& answer) {
    if (!uploads_) return;
    uploads_->answered(answer);
    state_ == State::Leaving ? leave() : updateReading();
}

void Session::updateReading() {
    if (!takesInput()) return;
    const bool on = !(dialogue_ && dialogue_->waits()) && !(uploads_ && uploads_->full());
    if (on == reading_) return;
    reading_ = on;
    transport_.setReading(on);
}

// ---- effects

void Session::on(const Greeted& e) {
    user_ = e.user;
    if (listens()) dialogue_->greeted(e);
}

void Session::on(Seated& e) {
    if (!listens()) return;
    Tail& tail = shard_.tail(e.room, e.name, e.seq);
    dialogue_->seated(e);
    const bool live = e.nextSeq > e.seq;
    const size_t index = tail.sit(dialect(), live ? tail.end(dialect()) : kCatchingUp, *this);
    seats_.push_back({&tail, index});
    if (!live) {
        behind_.push_back(std::make_unique<Behind>(Behind{&tail, e.nextSeq}));
        behind_.back()->notes = tail.notes();
    }
    shard_.wantFlush(*this);
}

void Session::on(const Unseated& e) {
    const auto it = std::find_if(seats_.begin(), seats_.end(),
                                 [&e](const SeatRef& ref) { return ref.tail->id() == e.room; });
    if (it == seats_.end()) return;
    Tail& tail = *it->tail;
    const auto seat = it - seats_.begin();
    keepRest(static_cast<size_t>(seat));
    if (seats_.empty()) return;  // sending has ended the session
    const std::string room = tail.name();
    const size_t index = seats_[static_cast<size_t>(seat)].index;
    std::erase_if(behind_, [&tail](const auto& behind) { return behind->tail == &tail; });
    seats_.erase(seats_.begin() + seat);
    if (cutSeat_ > seat) --cutSeat_;
    tail.stand(dialect(), index);
    shard_.seatLeft(tail);
    dialogue_->unseated(e, room);
    shard_.wantFlush(*this);
}

void Session::on(const SaidBefore& e) {
    if (!listens()) return;
    if (ownPending_ > 0) --ownPending_;
    outbox_ += e.bytes;
    shard_.wantFlush(*this);
}

void Session::on(const Departed&) {
    if (!listens()) return;
    for (size_t i = 0; i < seats_.size(); ++i) keepRest(i);
    if (listens() && !peerEnded_) dialogue_->bye({});
    close();
}

// What was said before a seat ends is still owed, even where the kernel is full: it moves to where
// the seat's end cannot take it away. Whatever a short write cut comes before everything else.
// (Sending may end the session, and with it all seats.)
void Session::keepRest(size_t index) {
    flush();
    if (!blocked_ || seats_.empty()) return;
    if (cutSeat_ == static_cast<int>(index)) keepCut();
    Seat& seat = seatOf(seats_[index]);
    if (seat.at == kCatchingUp || dialogue_->dialect() != Dialect::V2) return;
    const Tail& tail = *seats_[index].tail;
    std::array<iovec, kPiecesMax> pieces;
    while (const size_t count = tail.gather(dialect(), seat.at, pieces.data(), pieces.size())) {
        for (size_t i = 0; i < count; ++i) {
            outbox_.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
            seat.at += pieces[i].iov_len;
        }
    }
}

// Turns the rest of the item that a short write cut into a piece of its own.
void Session::keepCut() {
    const SeatRef& ref = seats_[static_cast<size_t>(cutSeat_)];
    cutSeat_ = -1;
    Seat& seat = seatOf(ref);
    std::string_view rest;
    if (seat.at != kCatchingUp) {
        const Tail::Found found = ref.tail->find(dialect(), seat.at);
        if (seat.at == found.begin) return;
        const auto end = found.publication->items[found.item].end[dialect()];
        const auto size = static_cast<size_t>(found.end - seat.at);
        rest = {found.publication->runs[dialect()].data() + end - size, size};
        seat.at = found.end;
    } else if (Behind* behind = behindIn(*ref.tail)) {
        const auto& items = behind->page.items;
        const auto it = std::find_if(items.begin(), items.end(), [&](const Item& item) {
            return item.end[dialect()] > behind->sent;
        });
        if (it == items.end()) return;
        const size_t end = it->end[dialect()];
        rest = std::string_view(behind->page.bytes).substr(behind->sent, end - behind->sent);
        behind->sent = end;
    }
    piece_ = std::make_unique<FilePiece>();
    piece_->before = rest;
}

void Session::on(const Refused& e) {
    if (!listens()) return;
    if (e.wasEntry && ownPending_ > 0) --ownPending_;
    if (e.fatal) {
        fail(e.error);
        return;
    }
    dialogue_->refused(e);
    shard_.wantFlush(*this);
}

void Session::on(CaughtUp& e) {
    for (auto& behind : behind_) {
        if (behind->tail->id() != e.room) continue;
        // The answer to an earlier seat in the same room, which has been left since.
        if (!behind->asked || behind->nextSeq != e.seq) continue;
        behind->page = std::move(e.page);
        behind->sent = behind->nextFile = 0;
        behind->asked = false;
        const Page& page = behind->page;
        ownPending_ -= std::min(ownPending_, page.ownSkipped);
        if (page.gapLast > 0) dialogue_->gap(behind->tail->name(), page.gapFirst, page.gapLast);
        behind->nextSeq = std::max({behind->nextSeq, page.last + 1, page.gapLast + 1});
        shard_.wantFlush(*this);
        return;
    }
}

void Session::seatMoved(const Tail& tail, size_t index) {
    for (SeatRef& ref : seats_) {
        if (ref.tail == &tail) ref.index = index;
    }
}

Session::Behind* Session::behindIn(const Tail& tail) {
    for (const auto& behind : behind_) {
        if (behind->tail == &tail) return behind.get();
    }
    return nullptr;
}

void Session::fallBehind(Tail& tail) {
    const auto it = std::find_if(seats_.begin(), seats_.end(),
                                 [&tail](const SeatRef& ref) { return ref.tail == &tail; });
    if (cutSeat_ == it - seats_.begin()) keepCut();
    Seat& seat = seatOf(*it);
    uint64_t seq = tail.lastSeq() + 1;
    if (seat.at < tail.end(dialect())) {
        const Tail::Found found = tail.find(dialect(), seat.at);
        const auto& items = found.publication->items;
        const auto next = std::find_if(items.begin() + static_cast<std::ptrdiff_t>(found.item),
                                       items.end(), [](const Item& item) { return item.seq > 0; });
        seq = next == items.end() ? found.publication->lastSeq + 1 : next->seq;
    }
    seat.at = kCatchingUp;
    behind_.push_back(std::make_unique<Behind>(Behind{&tail, seq}));
    behind_.back()->wasLive = true;
    if (shard_.log().wantsDetail()) {
        shard_.log().detail(label() + ": is slow, catches up in " + forLog(tail.name()));
    }
}

// ---- ending

void Session::fail(const Error& why) {
    if (state_ == State::Closing || state_ == State::Draining || state_ == State::Dead) return;
    shard_.log().notice(label() + ": refused: " + forLog(why.text, 200));
    if (dialogue_) dialogue_->farewell(why);
    // A session in Leaving has told the hub already, or will not any more.
    if (listens()) {
        shard_.commands().commands.push_back(Gone{id_});
    }
    close();
}

void Session::kill() {
    if (state_ == State::Dead) return;
    if (takesInput()) shard_.commands().commands.push_back(Gone{id_});
    stand();
    die();
}

void Session::close() {
    if (state_ == State::Closing || state_ == State::Draining || state_ == State::Dead) return;
    if (state_ == State::Undecided) outbox_.clear();
    stand();
    uploads_.reset();
    state_ = State::Closing;
    shard_.drainSoon(*this);
    shard_.wantFlush(*this);
}

void Session::stand() {
    // The item that a short write cut is sent to its end: half a frame must not be the last thing.
    if (cutSeat_ >= 0) keepCut();
    for (const SeatRef& ref : std::exchange(seats_, {})) {
        ref.tail->stand(dialect(), ref.index);
        shard_.seatLeft(*ref.tail);
    }
    behind_.clear();
    cutSeat_ = -1;
}

void Session::bye(std::string_view reason) {
    if (state_ == State::Talking) {
        for (size_t i = 0; i < seats_.size(); ++i) keepRest(i);
        if (listens()) dialogue_->bye(reason);
    }
    close();
}

void Session::finishClosing() {
    if (state_ != State::Closing || piece_ || outboxSent_ < outbox_.size()) return;
    transport_.shutdownWrite();
    if (!reading_) transport_.setReading(true);
    state_ = State::Draining;
    if (peerEnded_) die();
}

bool Session::busy() const {
    if (state_ == State::Draining || state_ == State::Dead || state_ == State::Undecided) {
        return false;
    }
    return blocked_ || piece_ || outboxSent_ < outbox_.size() || !behind_.empty() ||
           (uploads_ && uploads_->count() > 0) || (dialogue_ && dialogue_->busy());
}

// ---- output

// What one call sends: pieces of memory, and which source each stretch of them belongs to.
struct Session::Gathered {
    struct Stretch {
        int seat;        // -1: the outbox
        Behind* behind;  // the seat's page rather than the tail
        uint64_t to;     // where the source stands when the stretch is sent
        size_t size;     // 0: own entries, to be passed over
    };
    std::array<iovec, kPiecesMax> pieces;
    size_t count = 0;
    size_t bytes = 0;
    std::vector<Stretch>& stretches;

    bool full() const { return count == kPiecesMax; }
    void add(const char* data, size_t size) {
        pieces[count++] = {const_cast<char*>(data), size};  // iovec is not const-correct
        bytes += size;
    }
    // Adds the tail's bytes from `at` up to `to`, or as far as the pieces reach; says how far.
    uint64_t addTail(const Tail& tail, size_t dialect, uint64_t at, uint64_t to) {
        const size_t end =
            count + tail.gather(dialect, at, pieces.data() + count, kPiecesMax - count);
        for (; count < end && at < to; ++count) {
            const uint64_t part = std::min<uint64_t>(pieces[count].iov_len, to - at);
            pieces[count].iov_len = static_cast<size_t>(part);
            bytes += static_cast<size_t>(part);
            at += part;
        }
        return at;
    }
};

void Session::flush() {
    if (state_ == State::Undecided || state_ == State::Draining || state_ == State::Dead) return;
    if (outbox_.size() - outboxSent_ > limits::kOutboxBytesMax && state_ != State::Closing) {
        fail({ErrorCode::TooMany, "you ask for more than you read"});
    }
    size_t filePieces = 0;
    while (!blocked_) {
        // Answers wait for the item that was cut, not for all that is behind it.
        if (cutSeat_ >= 0 && outboxSent_ < outbox_.size()) keepCut();
        if (piece_) {
            if (!sendPiece()) break;
        } else if (!gatherAndSend()) {
            if (filePieces++ * limits::kChunkBytesMax >= kFileBytesPerTurn) {
                shard_.wantFlush(*this);
                break;
            }
            if (!nextPiece()) break;
        }
    }
    finishClosing();
}

// False when there was nothing to send.
bool Session::gatherAndSend() {
    static thread_local std::vector<Gathered::Stretch> stretches;  // keeps its memory
    stretches.clear();
    Gathered g{{}, 0, 0, stretches};
    if (cutSeat_ >= 0) gatherSeat(g, static_cast<size_t>(cutSeat_));
    gatherOutbox(g);
    for (size_t i = 0; i < seats_.size() && !g.full(); ++i) {
        if (static_cast<int>(i) != cutSeat_) gatherSeat(g, i);
    }
    if (g.count == 0) {
        settle(g, 0);  // passes over own entries
        return false;
    }
    const size_t written = transport_.write({g.pieces.data(), g.count}, false);
    settle(g, written);
    if (written < g.bytes) blocked_ = true;
    return true;
}

void Session::gatherOutbox(Gathered& g) {
    const size_t size = outbox_.size() - outboxSent_;
    if (size == 0 || g.full()) return;
    g.add(outbox_.data() + outboxSent_, size);
    g.stretches.push_back({-1, nullptr, outbox_.size(), size});
}

void Session::gatherSeat(Gathered& g, size_t seat) {
    Tail& tail = *seats_[seat].tail;
    if (seatOf(seats_[seat]).at != kCatchingUp) {
        gatherLive(g, seat);
    } else if (Behind* behind = behindIn(tail)) {
        gatherBehind(g, seat, *behind);
    }
}

void Session::gatherLive(Gathered& g, size_t index) {
    const Tail& tail = *seats_[index].tail;
    const auto seat = static_cast<int>(index);
    uint64_t at = seatOf(seats_[index]).at;
    const uint64_t end = std::min(tail.end(dialect()), tail.nextFile(dialect(), at));
    size_t own = dialogue_->dialect() == Dialect::Classic ? ownPending_ : 0;
    while (at < end && !g.full()) {
        uint64_t to = end;
        if (own > 0) {
            const auto [ownBegin, ownEnd] = nextOwn(tail, at, end);
            if (ownBegin == at) {
                g.stretches.push_back({seat, nullptr, ownEnd, 0});
                at = ownEnd;
                --own;
                continue;
            }
            to = ownBegin;
        }
        const size_t before = g.bytes;
        const uint64_t reached = g.addTail(tail, dialect(), at, to);
        g.stretches.push_back({seat, nullptr, reached, g.bytes - before});
        at = reached;
    }
}

// The first entry of its own that begins at or after `at`; `end` and `end` when there is none.
std::pair<uint64_t, uint64_t> Session::nextOwn(const Tail& tail, uint64_t at, uint64_t end) const {
    while (at < end) {
        const Tail::Found found = tail.find(dialect(), at);
        if (found.publication->items[found.item].author == user_) return {found.begin, found.end};
        at = found.end;
    }
    return {end, end};
}

void Session::gatherBehind(Gathered& g, size_t index, Behind& behind) {
    const Page& page = behind.page;
    size_t end = page.bytes.size();
    if (behind.nextFile < page.files.size()) {
        const size_t item = page.files[behind.nextFile].item;
        end = item == 0 ? 0 : page.items[item - 1].end[dialect()];
    }
    if (behind.sent < end) {
        g.add(page.bytes.data() + behind.sent, end - behind.sent);
        g.stretches.push_back({static_cast<int>(index), &behind, end, end - behind.sent});
    } else if (end == page.bytes.size()) {
        turnPage(behind);
        if (seatOf(seats_[index]).at != kCatchingUp) gatherLive(g, index);
    }
}

// The page is sent: back into the tail if it begins early enough by now, or the next page.
void Session::turnPage(Behind& behind) {
    Tail& tail = *behind.tail;
    const uint64_t at = behind.asked ? kCatchingUp : tail.placeOf(dialect(), behind.nextSeq);
    if (at == kCatchingUp) {
        if (!behind.asked) {
            behind.asked = true;
            behind.page = {};
            behind.sent = 0;
            shard_.commands().commands.push_back(CatchUp{id_, tail.id(), behind.nextSeq});
        }
        return;
    }
    for (const SeatRef& ref : seats_) {
        if (ref.tail == &tail) seatOf(ref).at = at;
    }
    if (behind.wasLive || behind.notes != tail.notes()) dialogue_->rejoined(tail.name());
    std::erase_if(behind_, [&behind](const auto& each) { return each.get() == &behind; });
}

// Moves every source past what was written; the one in which it ended must go on first.
void Session::settle(const Gathered& g, size_t written) {
    cutSeat_ = -1;
    for (const auto& stretch : g.stretches) {
        const size_t part = std::min(written, stretch.size);
        const bool whole = part == stretch.size;
        written -= part;
        if (stretch.seat < 0) {
            outboxSent_ += part;
        } else if (stretch.behind) {
            stretch.behind->sent += part;
        } else {
            Seat& seat = seatOf(seats_[static_cast<size_t>(stretch.seat)]);
            seat.at = stretch.to - (stretch.size - part);
            if (stretch.size == 0) --ownPending_;
        }
        if (!whole) {
            if (part > 0 || g.stretches.data() == &stretch) cutSeat_ = stretch.seat;
            break;
        }
    }
    if (outboxSent_ == outbox_.size() && outboxSent_ > 0) {
        outboxSent_ = 0;
        outbox_.capacity() > 4 * limits::kKiB ? std::string().swap(outbox_) : outbox_.clear();
    }
}

// ---- files

// True when it was sent to its end.
bool Session::sendPiece() {
    FilePiece& p = *piece_;
    if (p.file && p.left > 0 && p.left <= kFileBytesInOneCall && p.sent == 0) {
        std::string bytes(static_cast<size_t>(p.left), '\0');
        if (p.file->read(p.offset, bytes)) {
            p.before += bytes;
            p.before += p.after;
            p.after.clear();
            p.left = 0;
        }
    }
    if (p.sent < p.before.size()) {
        const iovec rest{p.before.data() + p.sent, p.before.size() - p.sent};
        p.sent += transport_.write({&rest, 1}, p.left > 0);
        if (p.sent < p.before.size()) return !(blocked_ = true);
    }
    if (p.left > 0) {
        const auto part = static_cast<size_t>(std::min<uint64_t>(p.left, kFileBytesPerTurn));
        const ssize_t n = transport_.sendFile(p.file->fd(), p.offset, part);
        if (n < 0) {
            // The peer was promised bytes that are not there: the stream cannot go on.
            fail({ErrorCode::Internal, "a stored file could not be read"});
            piece_.reset();
            return false;
        }
        p.offset += static_cast<uint64_t>(n);
        p.left -= static_cast<uint64_t>(n);
        if (static_cast<size_t>(n) < part) return !(blocked_ = true);
        if (p.left > 0) {
            shard_.wantFlush(*this);
            return false;
        }
    }
    const size_t done = p.sent - p.before.size();
    if (done < p.after.size()) {
        const iovec rest{p.after.data() + done, p.after.size() - done};
        p.sent += transport_.write({&rest, 1}, false);
        if (p.sent < p.before.size() + p.after.size()) return !(blocked_ = true);
    }
    piece_.reset();
    return true;
}

// Begins the next stretch of a file: one in line in a room, or one that was asked for.
bool Session::nextPiece() {
    if (!listens()) return false;
    for (const SeatRef& ref : seats_) {
        if (seatOf(ref).at != kCatchingUp) {
            if (beginLiveFile(ref)) return true;
        } else if (Behind* behind = behindIn(*ref.tail)) {
            if (beginPageFile(*behind)) return true;
        }
    }
    auto piece = std::make_unique<FilePiece>();
    if (!dialogue_->nextPiece(*piece)) return false;
    piece_ = std::move(piece);
    return true;
}

bool Session::beginLiveFile(const SeatRef& ref) {
    Seat& seat = seatOf(ref);
    const size_t d = dialect();
    if (ref.tail->nextFile(d, seat.at) != seat.at) return false;
    const Tail::Found found = ref.tail->find(d, seat.at);
    const auto& files = found.publication->files;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&found](const InlineFile& f) { return f.item == found.item; });
    seat.at = found.end;
    if (found.publication->items[found.item].author == user_ && ownPending_ > 0) {
        --ownPending_;
        return true;
    }
    const char* const run = found.publication->runs[d].data();
    const size_t end = found.publication->items[found.item].end[d];
    const size_t begin = end - static_cast<size_t>(found.end - found.begin);
    beginFile(*file, {run + begin, file->at - begin}, {run + file->at, end - file->at});
    return true;
}

bool Session::beginPageFile(Behind& behind) {
    const Page& page = behind.page;
    if (behind.nextFile >= page.files.size()) return false;
    const InlineFile& file = page.files[behind.nextFile];
    const size_t begin = file.item == 0 ? 0 : page.items[file.item - 1].end[dialect()];
    if (behind.sent != begin) return false;
    const size_t end = page.items[file.item].end[dialect()];
    ++behind.nextFile;
    behind.sent = end;
    beginFile(file, page.bytes.substr(begin, file.at - begin),
              page.bytes.substr(file.at, end - file.at));
    return true;
}

void Session::beginFile(const InlineFile& file, std::string before, std::string after) {
    auto stored = shard_.files().open(file.sha256);
    if (!stored || stored->size() != file.size) {
        dialogue_->fileGone(file);
        return;
    }
    piece_ = std::make_unique<FilePiece>();
    piece_->before = std::move(before);
    piece_->file = std::move(stored);
    piece_->left = file.size;
    piece_->after = std::move(after);
}

}  // namespace netchat::serve
