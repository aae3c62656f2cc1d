#include "modes/serve/session/session.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "modes/serve/host/shard.h"
#include "modes/serve/session/classic_dialogue.h"
#include "modes/serve/session/v2_dialogue.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::serve {

Session::Session(SessionId id, Shard& shard, Transport& transport)
    : transport_(transport), shard_(shard), id_(id) {
}

Session::~Session() = default;

std::string Session::label() const {
    const std::string_view nick = nick_.data();
    return transport_.peer() + (nick.empty() ? std::string() : " (" + forLog(nick) + ")");
}

void Session::setNick(std::string_view nick) {
    static constexpr std::string_view kCut = "\u2026";
    const size_t most = nick_.size() - 1;
    const bool whole = nick.size() <= most;
    std::string shown(whole ? nick : utf8::prefix(nick, most - kCut.size()));
    if (!whole) shown += kCut;
    nick_ = {};
    std::copy(shown.begin(), shown.end(), nick_.begin());
}

// ---- input

void Session::receive(std::string_view bytes) {
    keepalive_.heard = 1;
    shard_.stir();
    if (state_ == State::Undecided) {
        decide(bytes);
    } else if (state_ == State::Talking) {
        dialogue().receive(bytes);
    }
    release();
    watchPartialInput();
}

// ---- what is there only while it is of use

Dialogue& Session::dialogue() {
    if (!dialogue_) dialogue_ = shard_.takeDialogue(*this, dialect_);
    return *dialogue_;
}

std::string& Session::outbox() {
    if (!outbox_) outbox_ = std::make_unique<Outbox>();
    return outbox_->bytes;
}

void Session::release() {
    if (dialogue_ && dialogue_->isIdle()) shard_.release(std::move(dialogue_));
    if (weighs_ || dialogue_ || outbox_ || piece_ || !behind_.empty()) weigh();
}

// ---- which dialect

// Collects in outbox_, which has no other use yet, until the dialect is clear.
void Session::decide(std::string_view bytes) {
    std::string& seen = outbox();
    const size_t known = seen.size();
    seen.append(bytes.substr(0, 64));
    const Guess guess = guessDialect(seen);
    if (guess == Guess::Open) return;
    const std::string before = seen.substr(0, known);
    dropOutbox();
    if (guess == Guess::V2) {
        dialect_ = Dialect::V2;
        dialogue_ = std::make_unique<V2Dialogue>(*this, V2Dialogue::Begin::Silent);
    } else {
        dialogue_ = std::make_unique<ClassicDialogue>(*this, ClassicDialogue::Begin::Nameless);
    }
    state_ = State::Talking;
    if (const Status status = admitted(); !status) return fail(status.error());
    if (!before.empty()) dialogue_->receive(before);
    if (state_ == State::Talking) dialogue_->receive(bytes);
}

// Whether this dialect is spoken here, and in this way.
Status Session::admitted() const {
    if (const Error* why = shard_.whyUnwelcome(id_)) return *why;
    const ShardOptions& options = shard_.options();
    if (dialect_ == Dialect::V2 && !options.plainV2 && !transport_.secure()) {
        return Error{ErrorCode::NeedsTls, "this server requires TLS; connect without --insecure"};
    }
    if (dialect_ == Dialect::Classic && !options.classic) {
        return Error{ErrorCode::NeedsTls,
                     "this server does not accept the classic protocol from other machines, "
                     "because it is not encrypted; its operator can allow it with --classic"};
    }
    if (dialect_ == Dialect::Classic && options.password) {
        return Error{ErrorCode::BadPassword,
                     "this server requires a password, which the classic protocol cannot send; use "
                     "netchat connect"};
    }
    return Ok{};
}

void Session::passwordChecked(const Status& status) {
    if (!listens()) return;
    if (!status) return fail(status.error());
    dialogue().passwordGood();
    answered();
}

void Session::verified(const std::string& sha256, bool whole) {
    if (!listens() || !dialogue_) return;
    dialogue_->verified(sha256, whole);
    answered();
    release();
}

void Session::peerEnded(std::string_view reason) {
    peerEnded_ = true;
    if (state_ == State::Draining || (state_ == State::Closing && !reason.empty())) die();
    lost_ = !reason.empty();
    if (lost_ && state_ == State::Leaving) leave();
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

// The hub is told when nothing is on its way to it any more, and all that was asked has been sent.
void Session::leave() {
    Uploads* const uploads = uploadsIfAny();
    if ((dialogue_ && dialogue_->waits()) || (uploads && uploads->finishing())) return;
    // What has come and was not taken yet is taken first.
    if (paused_ && !lost_) return;
    if (uploads && uploads->count() > 0) {
        shard_.log().notice(label() + ": disconnected in the middle of a file");
        dialogue_->dropUploads();
    }
    if (lost_) return leaveNow();
    if (parting_ == Parting::No) {
        parting_ = Parting::Asked;
        shard_.commands().commands.push_back(Barrier{id_});
    }
    if (parting_ == Parting::BarrierReached && behind_.empty() &&
        !(dialogue_ && dialogue_->owesFile())) {
        leaveNow();
    }
}

void Session::leaveNow() {
    if (parting_ == Parting::Told) return;
    parting_ = Parting::Told;
    shard_.commands().commands.push_back(Gone{id_});
}

void Session::on(const BarrierReached&) {
    if (state_ != State::Leaving || parting_ != Parting::Asked) return;
    parting_ = Parting::BarrierReached;
    leave();
}

void Session::writable() {
    blocked_ = false;
    shard_.wantFlush(*this);
}

void Session::storeAnswered(const StoreAnswer& answer) {
    Uploads* const uploads = uploadsIfAny();
    if (!uploads) return;
    uploads->answered(answer);
    answered();
    release();
    watchPartialInput();
}

void Session::updateReading() {
    if (!takesInput()) return;
    const bool on = !paused_ && !(dialogue_ && dialogue_->waits()) &&
                    !(uploadsIfAny() && uploadsIfAny()->full(shard_.isTight(*this)));
    if (on == reading_) return;
    reading_ = on;
    transport_.setReading(on);
}

// ---- effects

void Session::on(const Greeted& e) {
    user_ = e.user;
    if (listens()) dialogue().greeted(e);
}

void Session::on(Subscribed& e) {
    subscribe(e, e.seq);
}

// `reached`: how far the room has gone.
void Session::subscribe(Subscribed& e, uint64_t reached) {
    if (!listens()) return;
    Tail& tail = shard_.tail(e.room, e.name, reached);
    if (Behind* behind = behindIn(tail); behind && behind->left) {
        behind->afterwards.emplace_back(std::move(e));
        return;
    }
    dialogue().subscribed(e);
    // It may have waited while the room went on.
    const bool live = e.nextSeq > tail.lastSeq();
    const size_t index = tail.subscribe(dialect(), live ? tail.end(dialect()) : kCatchingUp, *this);
    subscriptions_.push_back({&tail, index});
    if (!live) {
        behind_.push_front({&tail, e.nextSeq});
        behind_.front().notes = tail.notes();
        behind_.front().earliest = tail.end(dialect());
    }
    shard_.wantFlush(*this);
}

void Session::on(const Unsubscribed& e) {
    const auto it =
        std::find_if(subscriptions_.begin(), subscriptions_.end(),
                     [&e](const SubscriptionRef& ref) { return ref.tail->id() == e.room; });
    if (it == subscriptions_.end()) return;
    Tail& tail = *it->tail;
    if (Behind* behind = behindIn(tail); behind && e.told) {
        // What was said before is owed: `left` comes when the log has been read so far.
        if (behind->left) {
            behind->afterwards.emplace_back(e);
        } else {
            behind->left = e;
            shard_.wantFlush(*this);
        }
        return;
    }
    const auto subscription = it - subscriptions_.begin();
    keepRest(static_cast<size_t>(subscription));
    if (subscriptions_.empty()) return;  // sending has ended the session
    const std::string room = tail.name();
    const size_t index = subscriptions_[static_cast<size_t>(subscription)].index;
    behind_.remove_if([&tail](const Behind& behind) { return behind.tail == &tail; });
    subscriptions_.erase(subscriptions_.begin() + subscription);
    if (cutSubscription_ > subscription) --cutSubscription_;
    tail.unsubscribe(dialect(), index);
    shard_.subscriptionLeft(tail);
    dialogue().unsubscribed(e, room);
    shard_.wantFlush(*this);
}

void Session::on(const SaidBefore& e) {
    if (!listens()) return;
    if (ownPending_ > 0) --ownPending_;
    outbox() += e.bytes;
    shard_.wantFlush(*this);
    if (!e.offered) return;
    dialogue().offerKnown();
    answered();
}

void Session::on(const Departed&) {
    if (!listens()) return;
    for (size_t i = 0; i < subscriptions_.size(); ++i) keepRest(i);
    if (listens() && !peerEnded_) dialogue().bye({});
    close();
}

// What was said before a subscription ends is still owed, even where the kernel is full: it moves
// to where the subscription's end cannot take it away. Whatever a short write cut comes before
// everything else. (Sending may end the session, and with it all subscriptions.)
void Session::keepRest(size_t index) {
    send();
    if (!blocked_ || subscriptions_.empty()) return;
    if (cutSubscription_ == static_cast<int>(index)) keepCut();
    Subscription& subscription = subscriptionOf(subscriptions_[index]);
    if (subscription.at == kCatchingUp || dialect_ != Dialect::V2) return;
    const Tail& tail = *subscriptions_[index].tail;
    std::array<iovec, kPiecesMax> pieces;
    while (const size_t count =
               tail.gather(dialect(), subscription.at, pieces.data(), pieces.size())) {
        for (size_t i = 0; i < count; ++i) {
            outbox().append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
            subscription.at += pieces[i].iov_len;
        }
    }
}

// Turns the rest of the item that a short write cut into a piece of its own.
void Session::keepCut() {
    const SubscriptionRef& ref = subscriptions_[static_cast<size_t>(cutSubscription_)];
    cutSubscription_ = -1;
    Subscription& subscription = subscriptionOf(ref);
    std::string_view rest;
    if (subscription.at != kCatchingUp) {
        const Tail::Found found = ref.tail->find(dialect(), subscription.at);
        if (subscription.at == found.begin) return;
        const auto end = found.publication->items[found.item].end[dialect()];
        const auto size = static_cast<size_t>(found.end - subscription.at);
        rest = {found.publication->runs[dialect()].data() + end - size, size};
        subscription.at = found.end;
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

void Session::on(const OfferAllowed& e) {
    if (!listens()) return;
    dialogue().offerAllowed(e);
    answered();
}

// Something that the session waited for before it reads on or leaves.
void Session::answered() {
    state_ == State::Leaving ? leave() : updateReading();
}

void Session::on(const Refused& e) {
    if (!listens()) return;
    if (e.wasEntry && ownPending_ > 0) --ownPending_;
    if (e.fatal) {
        fail(e.error);
        return;
    }
    dialogue().refused(e);
    shard_.wantFlush(*this);
    answered();
}

void Session::on(CaughtUp& e) {
    for (Behind& behind : behind_) {
        if (behind.tail->id() != e.room) continue;
        // The answer to an earlier subscription in the same room, which has been left since.
        if (!behind.asked || behind.nextSeq != e.seq) continue;
        behind.page = std::move(e.page);
        if (behind.left) cutPage(behind.page, behind.left->seq);
        const uint64_t end = behind.left ? behind.left->seq : behind.tail->lastSeq();
        behind.page.gapLast = std::min(behind.page.gapLast, std::max(end, e.seq));
        behind.sent = behind.nextFile = 0;
        behind.asked = false;
        const Page& page = behind.page;
        ownPending_ -= static_cast<uint32_t>(std::min<size_t>(ownPending_, page.ownSkipped));
        if (page.gapLast > 0) dialogue().gap(behind.tail->name(), page.gapFirst, page.gapLast);
        for (const auto& [first, last] : page.lost)
            dialogue().gap(behind.tail->name(), first, last);
        behind.nextSeq = std::max({behind.nextSeq, page.last + 1, page.gapLast + 1});
        shard_.wantFlush(*this);
        return;
    }
}

bool Session::catchesUp(std::string_view room) const {
    return std::any_of(behind_.begin(), behind_.end(),
                       [room](const Behind& behind) { return behind.tail->name() == room; });
}

// Without the entries after `last`.
void Session::cutPage(Page& page, uint64_t last) const {
    while (!page.items.empty() && page.items.back().seq > last) page.items.pop_back();
    const size_t end = page.items.empty() ? 0 : page.items.back().end[dialect()];
    page.bytes.resize(std::min(page.bytes.size(), end));
}

// Who has left, and has been sent what was owed, is told; then what came afterwards happens.
void Session::finishLeavings() {
    for (;;) {
        const auto isOver = [](const Behind& behind) {
            return behind.left && !behind.asked && behind.nextSeq > behind.left->seq &&
                   behind.sent == behind.page.bytes.size();
        };
        auto before = behind_.before_begin();
        while (std::next(before) != behind_.end() && !isOver(*std::next(before))) ++before;
        if (std::next(before) == behind_.end()) return;
        std::forward_list<Behind> over;
        over.splice_after(over.before_begin(), behind_, before);
        Behind& behind = over.front();
        const uint64_t reached = behind.tail->lastSeq();
        on(*behind.left);
        for (auto& effect : behind.afterwards) {
            // What was published meanwhile has passed the tail in which it will sit, and with it
            // who came and went: the list in `joined` is older.
            if (auto* subscribed = std::get_if<Subscribed>(&effect)) {
                subscribe(*subscribed, std::max(subscribed->seq, reached));
                if (listens()) dialogue().rejoined(subscribed->name);
            } else {
                on(std::get<Unsubscribed>(effect));
            }
        }
    }
}

void Session::subscriptionMoved(const Tail& tail, size_t index) {
    for (SubscriptionRef& ref : subscriptions_) {
        if (ref.tail == &tail) ref.index = index;
    }
}

Session::Behind* Session::behindIn(const Tail& tail) {
    for (Behind& behind : behind_) {
        if (behind.tail == &tail) return &behind;
    }
    return nullptr;
}

void Session::fallBehind(Tail& tail) {
    const auto it = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                 [&tail](const SubscriptionRef& ref) { return ref.tail == &tail; });
    if (cutSubscription_ == it - subscriptions_.begin()) keepCut();
    Subscription& subscription = subscriptionOf(*it);
    uint64_t seq = tail.lastSeq() + 1;
    if (subscription.at < tail.end(dialect())) {
        const Tail::Found found = tail.find(dialect(), subscription.at);
        const auto& items = found.publication->items;
        const auto next = std::find_if(items.begin() + static_cast<std::ptrdiff_t>(found.item),
                                       items.end(), [](const Item& item) { return item.seq > 0; });
        seq = next == items.end() ? found.publication->lastSeq + 1 : next->seq;
    }
    subscription.at = kCatchingUp;
    behind_.push_front({&tail, seq});
    behind_.front().wasLive = true;
    if (shard_.log().wantsDetail()) {
        shard_.log().detail(label() + ": slow reader, catching up in " + forLog(tail.name()));
    }
}

// ---- ending

void Session::fail(const Error& why) {
    if (state_ == State::Closing || state_ == State::Draining || state_ == State::Dead) return;
    shard_.log().notice(label() + ": refused: " + forLog(why.text, 200));
    if (state_ != State::Undecided) dialogue().farewell(why);
    // A session in Leaving has told the hub already, or will not any more.
    if (listens()) {
        shard_.commands().commands.push_back(Gone{id_});
    }
    close();
}

void Session::kill() {
    if (state_ == State::Dead) return;
    if (listens()) shard_.commands().commands.push_back(Gone{id_});
    unsubscribe();
    die();
}

void Session::close() {
    if (state_ == State::Closing || state_ == State::Draining || state_ == State::Dead) return;
    if (state_ == State::Undecided) dropOutbox();
    unsubscribe();
    if (dialogue_) dialogue_->dropUploads();
    if (lost_) return die();
    state_ = State::Closing;
    shard_.drainSoon(*this);
    shard_.wantFlush(*this);
}

void Session::unsubscribe() {
    // The item that a short write cut is sent to its end: half a frame must not be the last thing.
    if (cutSubscription_ >= 0) keepCut();
    for (const SubscriptionRef& ref : std::exchange(subscriptions_, {})) {
        ref.tail->unsubscribe(dialect(), ref.index);
        shard_.subscriptionLeft(*ref.tail);
    }
    behind_.clear();
    cutSubscription_ = -1;
}

void Session::bye(std::string_view reason) {
    if (state_ == State::Talking) {
        for (size_t i = 0; i < subscriptions_.size(); ++i) keepRest(i);
        if (listens()) dialogue().bye(reason);
    }
    close();
}

void Session::finishClosing() {
    if (state_ != State::Closing || piece_ || outbox_) return;
    transport_.shutdownWrite();
    if (!reading_) transport_.setReading(true);
    state_ = State::Draining;
    if (peerEnded_) die();
}

bool Session::busy() const {
    if (state_ == State::Draining || state_ == State::Dead || state_ == State::Undecided) {
        return false;
    }
    return blocked_ || piece_ || outbox_ || !behind_.empty() || (paused_ && dialogue_) ||
           (uploadsIfAny() && uploadsIfAny()->count() > 0) || (dialogue_ && dialogue_->busy());
}

}  // namespace netchat::serve
