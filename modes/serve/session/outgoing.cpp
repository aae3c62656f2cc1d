#include "modes/serve/session/outgoing.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>

#include "protocol/field.h"
#include "protocol/limits.h"

namespace netchat::serve {

// ---- answers to this reader alone

std::string& Outgoing::outbox() {
    if (!outbox_) outbox_ = std::make_unique<Outbox>();
    return outbox_->bytes;
}

// The outbox begins with a frame, and holds whole ones.
void Outgoing::dropUnbegunAnswers() {
    if (!outbox_) return;
    const std::string_view bytes = outbox_->bytes;
    size_t end = 0;
    while (end < outbox_->sent) {
        const auto length = parseHeader(bytes.substr(end, limits::kHeaderWidth));
        assert(length);
        end += limits::kHeaderWidth + static_cast<size_t>(*length);
    }
    if (end == outbox_->sent) return dropOutbox();
    auto rest = std::make_unique<Outbox>();
    rest->bytes = bytes.substr(outbox_->sent, end - outbox_->sent);
    outbox_ = std::move(rest);
}

// ---- subscriptions

size_t Outgoing::find(const Tail& tail) const {
    const auto it = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                 [&tail](const SubscriptionRef& ref) { return ref.tail == &tail; });
    return static_cast<size_t>(it - subscriptions_.begin());
}

const Outgoing::Behind* Outgoing::behindIn(const Tail& tail) const {
    for (const Behind& behind : behind_) {
        if (behind.tail == &tail) return &behind;
    }
    return nullptr;
}

Outgoing::Behind* Outgoing::behindIn(const Tail& tail) {
    return const_cast<Behind*>(std::as_const(*this).behindIn(tail));
}

const Tail* Outgoing::tailOf(RoomId room) const {
    for (const SubscriptionRef& ref : subscriptions_) {
        if (ref.tail->id() == room) return ref.tail;
    }
    return nullptr;
}

uint64_t Outgoing::owedFrom(std::string_view room) const {
    for (const SubscriptionRef& ref : subscriptions_) {
        if (ref.tail->name() != room) continue;
        const Behind* const behind = behindIn(*ref.tail);
        if (!behind) return nextSeqOf(subscriptionOf(ref), *ref.tail);
        for (const Item& item : behind->page.items) {
            if (item.end[index()] > behind->sent) return item.seq;
        }
        return behind->nextSeq;
    }
    return std::numeric_limits<uint64_t>::max();
}

// Of one that is in the tail.
uint64_t Outgoing::nextSeqOf(const Subscription& subscription, const Tail& tail) const {
    if (subscription.at >= tail.end(index())) return tail.lastSeq() + 1;
    const Tail::Found found = tail.find(index(), subscription.at);
    const auto& items = found.publication->items;
    const auto next = std::find_if(items.begin() + static_cast<std::ptrdiff_t>(found.item),
                                   items.end(), [](const Item& item) { return item.seq > 0; });
    return next == items.end() ? found.publication->lastSeq + 1 : next->seq;
}

void Outgoing::subscribe(Tail& tail, uint64_t nextSeq, Subscriber& self) {
    // It may have waited while the room went on.
    const bool live = nextSeq > tail.lastSeq();
    const size_t index =
        tail.subscribe(this->index(), live ? tail.end(this->index()) : kCatchingUp, self);
    subscriptions_.push_back({&tail, index});
    if (live) return;
    behind_.push_front({&tail, nextSeq});
    behind_.front().notes = tail.notes();
    behind_.front().earliest = tail.end(this->index());
}

bool Outgoing::waits(const Tail& tail, Subscribed& e) {
    Behind* const behind = behindIn(tail);
    if (!behind || !behind->left) return false;
    behind->afterwards.emplace_back(std::move(e));
    return true;
}

bool Outgoing::waits(const Tail& tail, const Unsubscribed& e) {
    Behind* const behind = behindIn(tail);
    if (!behind || !e.told) return false;
    if (behind->left) {
        behind->afterwards.emplace_back(e);
    } else {
        behind->left = e;
    }
    return true;
}

std::optional<Outgoing::Parted> Outgoing::takeParted() {
    for (Behind& behind : behind_) {
        if (!behind.left || behind.asked || behind.nextSeq <= behind.left->seq) continue;
        if (behind.sent < behind.page.bytes.size()) continue;
        return Parted{*behind.left, std::move(behind.afterwards), behind.tail->lastSeq()};
    }
    return std::nullopt;
}

Outgoing::Ended Outgoing::unsubscribe(const Tail& tail) {
    return removeAt(find(tail));
}

std::optional<Outgoing::Ended> Outgoing::unsubscribeOne() {
    if (subscriptions_.empty()) return std::nullopt;
    return removeAt(subscriptions_.size() - 1);
}

Outgoing::Ended Outgoing::removeAt(size_t subscription) {
    assert(subscription < subscriptions_.size() && !isCut(subscription));
    const SubscriptionRef ref = subscriptions_[subscription];
    behind_.remove_if([&ref](const Behind& behind) {
        if (behind.tail != ref.tail) return false;
        if (behind.asked) --behind.tail->pagesDue;
        return true;
    });
    subscriptions_.erase(subscriptions_.begin() + subscription);
    if (subscriptions_.empty()) subscriptions_.clear();  // and its memory
    if (cut_ > static_cast<int>(subscription)) --cut_;
    return {ref.tail, ref.index, ref.tail->unsubscribe(index(), ref.index)};
}

void Outgoing::subscriptionMoved(const Tail& tail, size_t index) {
    for (SubscriptionRef& ref : subscriptions_) {
        if (ref.tail == &tail) ref.index = index;
    }
}

void Outgoing::fallBehind(const Tail& tail) {
    const size_t i = find(tail);
    if (isCut(i)) keepCut();
    Subscription& subscription = subscriptionOf(subscriptions_[i]);
    const uint64_t seq = nextSeqOf(subscription, tail);
    subscription.at = kCatchingUp;
    behind_.push_front({subscriptions_[i].tail, seq});
    behind_.front().wasLive = true;
}

// ---- the log

std::optional<Outgoing::Gaps> Outgoing::takePage(RoomId room, uint64_t seq, Page& taken) {
    for (Behind& behind : behind_) {
        if (behind.tail->id() != room || !behind.asked || behind.nextSeq != seq) continue;
        Page& page = behind.page;
        page = std::move(taken);
        if (behind.left) cutPage(page, behind.left->seq);
        const uint64_t end = behind.left ? behind.left->seq : behind.tail->lastSeq();
        page.gapLast = std::min(page.gapLast, std::max(end, seq));
        behind.sent = behind.nextFile = 0;
        behind.asked = false;
        --behind.tail->pagesDue;
        ownPending_ -= static_cast<uint32_t>(std::min<size_t>(ownPending_, page.ownSkipped));
        behind.nextSeq = std::max({behind.nextSeq, page.last + 1, page.gapLast + 1});
        Gaps gaps{&behind.tail->name(), {}};
        if (page.gapLast > 0) gaps.ranges.emplace_back(page.gapFirst, page.gapLast);
        gaps.ranges.insert(gaps.ranges.end(), page.lost.begin(), page.lost.end());
        return gaps;
    }
    return std::nullopt;
}

// Without the entries after `last`.
void Outgoing::cutPage(Page& page, uint64_t last) const {
    while (!page.items.empty() && page.items.back().seq > last) page.items.pop_back();
    const size_t end = page.items.empty() ? 0 : page.items.back().end[index()];
    page.bytes.resize(std::min(page.bytes.size(), end));
    const auto isGone = [&page](const InlineFile& file) { return file.item >= page.items.size(); };
    std::erase_if(page.files, isGone);
}

// ---- what must not be lost or interrupted

void Outgoing::keepCut() {
    if (cut_ < 0) return;
    const SubscriptionRef& ref = subscriptions_[static_cast<size_t>(std::exchange(cut_, -1))];
    Subscription& subscription = subscriptionOf(ref);
    std::string_view rest;
    if (subscription.at != kCatchingUp) {
        rest = restOfItem(subscription, *ref.tail);
    } else if (Behind* behind = behindIn(*ref.tail)) {
        rest = restOfItem(*behind);
    }
    if (rest.empty()) return;
    assert(!piece_);
    piece_ = std::make_unique<FilePiece>();
    piece_->before = rest;
}

// Empty where an item begins. The source is past it afterwards.
std::string_view Outgoing::restOfItem(Subscription& subscription, const Tail& tail) {
    const Tail::Found found = tail.find(index(), subscription.at);
    if (subscription.at == found.begin) return {};
    const size_t end = found.publication->items[found.item].end[index()];
    const auto size = static_cast<size_t>(found.end - subscription.at);
    subscription.at = found.end;
    return {found.publication->runs[index()].data() + end - size, size};
}

std::string_view Outgoing::restOfItem(Behind& behind) {
    const auto& items = behind.page.items;
    const auto it = std::find_if(items.begin(), items.end(),
                                 [&](const Item& item) { return item.end[index()] > behind.sent; });
    if (it == items.end()) return {};
    const size_t begin = behind.sent;
    behind.sent = it->end[index()];
    return std::string_view(behind.page.bytes).substr(begin, behind.sent - begin);
}

void Outgoing::keepRest(const Tail& tail) {
    const size_t i = find(tail);
    if (isCut(i)) keepCut();
    Subscription& subscription = subscriptionOf(subscriptions_[i]);
    if (subscription.at == kCatchingUp || dialect_ != Dialect::V2) return;
    std::array<iovec, kPiecesMax> pieces;
    while (const size_t count =
               tail.gather(index(), subscription.at, pieces.data(), pieces.size())) {
        for (size_t piece = 0; piece < count; ++piece) {
            outbox().append(static_cast<const char*>(pieces[piece].iov_base),
                            pieces[piece].iov_len);
            subscription.at += pieces[piece].iov_len;
        }
    }
}

size_t Outgoing::heldBytes() const {
    size_t bytes = outbox_ ? outbox_->bytes.capacity() : 0;
    if (piece_) bytes += piece_->before.capacity() + piece_->after.capacity();
    for (const Behind& behind : behind_) {
        bytes += behind.page.bytes.capacity() + behind.page.items.capacity() * sizeof(Item);
    }
    return bytes;
}

// ---- what always holds

std::string Outgoing::checkInvariants(const Subscriber& self) const {
    if (cut_ >= static_cast<int>(subscriptions_.size())) return "what was cut is no subscription";
    if (cut_ >= 0 && piece_) return "two sources stand inside of a frame: a piece, and one cut";
    if (outbox_ && outbox_->sent > outbox_->bytes.size()) return "more was sent than answered";
    if (outbox_ && outbox_->sent > 0 && (piece_ || cut_ >= 0))
        return "two sources stand inside of a frame: one of them the outbox";
    if (piece_ && piece_->sent > piece_->before.size() + piece_->after.size())
        return "more of the piece was sent than there is";
    if (piece_ && piece_->left > 0 && !piece_->file) return "a piece lacks its file";
    for (size_t i = 0; i < subscriptions_.size(); ++i) {
        if (auto fault = subscriptionFault(i, self); !fault.empty()) return fault;
    }
    for (const Behind& behind : behind_) {
        if (auto fault = behindFault(behind); !fault.empty()) return fault;
    }
    return {};
}

std::string Outgoing::subscriptionFault(size_t i, const Subscriber& self) const {
    const SubscriptionRef& ref = subscriptions_[i];
    const std::string& room = ref.tail->name();
    if (find(*ref.tail) != i) return "two subscriptions in " + room;
    const auto& all = ref.tail->subscriptions(index());
    if (ref.index >= all.size() || all[ref.index].subscriber != &self)
        return "the subscription in " + room + " is another's";
    const uint64_t at = all[ref.index].at;
    const Behind* const behind = behindIn(*ref.tail);
    if ((at == kCatchingUp) != (behind != nullptr))
        return "the subscription in " + room + " is neither in the tail nor behind, or both";
    if (behind) return {};
    if (at > ref.tail->end(index())) return "the cursor in " + room + " is past the end";
    const bool isInside = at < ref.tail->end(index()) && ref.tail->find(index(), at).begin != at;
    if (isInside && !isCut(i)) return "the cursor in " + room + " was left inside of a frame";
    return {};
}

std::string Outgoing::behindFault(const Behind& behind) const {
    const std::string& room = behind.tail->name();
    const size_t i = find(*behind.tail);
    if (i == subscriptions_.size()) return "behind in " + room + " without a subscription there";
    if (behindIn(*behind.tail) != &behind) return "twice behind in " + room;
    const Page& page = behind.page;
    if (behind.sent > page.bytes.size()) return "more of a page was sent than there is";
    if (behind.asked && !page.bytes.empty()) return "a page is asked for before the last is sent";
    if (behind.nextFile > page.files.size()) return "more files of a page were sent than it has";
    const auto endsAt = [&](const Item& item) { return item.end[index()] == behind.sent; };
    const bool isInside =
        behind.sent > 0 && std::none_of(page.items.begin(), page.items.end(), endsAt);
    if (isInside && !isCut(i)) return "the page of " + room + " was left inside of a frame";
    return {};
}

}  // namespace netchat::serve
