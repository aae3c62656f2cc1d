// The gathering of what is sent next, and the moving on of every source when the kernel has taken
// some of it. The order of the sources is drawn in outgoing.h.

#include <algorithm>

#include "modes/serve/session/outgoing.h"

namespace netchat::serve {

namespace {

// Where the item of a page begins, in the page's bytes.
size_t beginOf(const Page& page, size_t item, size_t dialect) {
    return item == 0 ? 0 : page.items[item - 1].end[dialect];
}

}  // namespace

// ---- what one call sends

void Outgoing::Gathered::clear() {
    count_ = bytes_ = 0;
    stretches_.clear();
    needs_.clear();
}

void Outgoing::Gathered::add(const char* data, size_t size) {
    pieces_[count_++] = {const_cast<char*>(data), size};  // iovec is not const-correct
    bytes_ += size;
}

// Adds the tail's bytes from `at` up to `to`, or as far as the pieces reach; says how far.
uint64_t Outgoing::Gathered::addTail(const Tail& tail, size_t dialect, uint64_t at, uint64_t to) {
    const size_t end =
        count_ + tail.gather(dialect, at, pieces_.data() + count_, kPiecesMax - count_);
    for (; count_ < end && at < to; ++count_) {
        const uint64_t part = std::min<uint64_t>(pieces_[count_].iov_len, to - at);
        pieces_[count_].iov_len = static_cast<size_t>(part);
        bytes_ += static_cast<size_t>(part);
        at += part;
    }
    return at;
}

// ---- gathering

void Outgoing::gather(Gathered& g, UserId self) {
    g.clear();
    if (cut_ >= 0) gatherSubscription(g, static_cast<size_t>(cut_), self);
    gatherOutbox(g);
    for (size_t i = 0; i < subscriptions_.size() && !g.full(); ++i) {
        if (!isCut(i)) gatherSubscription(g, i, self);
    }
}

void Outgoing::gatherOutbox(Gathered& g) {
    if (!outbox_ || g.full()) return;
    const size_t size = unsentAnswers();
    g.add(outbox_->bytes.data() + outbox_->sent, size);
    g.stretches_.push_back({-1, nullptr, outbox_->bytes.size(), size});
}

void Outgoing::gatherSubscription(Gathered& g, size_t subscription, UserId self) {
    const SubscriptionRef& ref = subscriptions_[subscription];
    if (subscriptionOf(ref).at != kCatchingUp) {
        gatherLive(g, subscription, self);
    } else if (Behind* behind = behindIn(*ref.tail)) {
        gatherBehind(g, subscription, *behind, self);
    }
}

void Outgoing::gatherLive(Gathered& g, size_t subscription, UserId self) {
    const SubscriptionRef& ref = subscriptions_[subscription];
    const Tail& tail = *ref.tail;
    const auto source = static_cast<int>(subscription);
    uint64_t at = subscriptionOf(ref).at;
    const uint64_t end = std::min(tail.end(index()), tail.nextFile(index(), at));
    size_t own = dialect_ == Dialect::Classic ? ownPending_ : 0;
    while (at < end && !g.full()) {
        uint64_t to = end;
        if (own > 0) {
            const auto [ownBegin, ownEnd] = nextOwn(tail, at, end, self);
            if (ownBegin == at) {
                g.stretches_.push_back({source, nullptr, ownEnd, 0});
                at = ownEnd;
                --own;
                continue;
            }
            to = ownBegin;
        }
        const size_t before = g.bytes_;
        const uint64_t reached = g.addTail(tail, index(), at, to);
        g.stretches_.push_back({source, nullptr, reached, g.bytes_ - before});
        at = reached;
    }
}

// The first entry of its own that begins at or after `at`; `end` and `end` when there is none.
std::pair<uint64_t, uint64_t> Outgoing::nextOwn(const Tail& tail, uint64_t at, uint64_t end,
                                                UserId self) const {
    while (at < end) {
        const Tail::Found found = tail.find(index(), at);
        if (found.publication->items[found.item].author == self) return {found.begin, found.end};
        at = found.end;
    }
    return {end, end};
}

void Outgoing::gatherBehind(Gathered& g, size_t subscription, Behind& behind, UserId self) {
    const Page& page = behind.page;
    size_t end = page.bytes.size();
    if (behind.nextFile < page.files.size()) {
        end = beginOf(page, page.files[behind.nextFile].item, index());
    }
    if (behind.sent < end) {
        g.add(page.bytes.data() + behind.sent, end - behind.sent);
        g.stretches_.push_back({static_cast<int>(subscription), &behind, end, end - behind.sent});
    } else if (end == page.bytes.size()) {
        turnPage(g, behind);
        const bool isLive = subscriptionOf(subscriptions_[subscription]).at != kCatchingUp;
        if (isLive) gatherLive(g, subscription, self);
    }
}

// The page is sent: back into the tail if it begins early enough by now, or the next page.
void Outgoing::turnPage(Gathered& g, Behind& behind) {
    Tail& tail = *behind.tail;
    if (behind.asked) return;
    if (behind.left && behind.nextSeq > behind.left->seq) return;  // takeParted()
    uint64_t at = behind.left ? kCatchingUp : tail.placeOf(index(), behind.nextSeq);
    if (at < behind.earliest) at = kCatchingUp;
    if (at == kCatchingUp) {
        behind.asked = true;
        ++tail.pagesDue;
        behind.page = {};
        behind.sent = behind.nextFile = 0;
        g.needs_.push_back({Need::Kind::Page, &tail, behind.nextSeq});
        return;
    }
    subscriptionOf(subscriptions_[find(tail)]).at = at;
    if (behind.wasLive || behind.notes != tail.notes()) {
        g.needs_.push_back({Need::Kind::Roster, &tail});
    }
    behind_.remove_if([&behind](const Behind& each) { return &each == &behind; });
}

void Outgoing::written(const Gathered& g, size_t bytes) {
    cut_ = -1;
    for (const Gathered::Stretch& stretch : g.stretches_) {
        const size_t part = std::min(bytes, stretch.size);
        const bool whole = part == stretch.size;
        bytes -= part;
        if (stretch.subscription < 0) {
            outbox_->sent += part;
        } else if (stretch.behind) {
            stretch.behind->sent += part;
        } else {
            const auto& ref = subscriptions_[static_cast<size_t>(stretch.subscription)];
            subscriptionOf(ref).at = stretch.to - (stretch.size - part);
            if (stretch.size == 0) --ownPending_;
        }
        if (!whole) {
            blocked_ = true;
            // Where nothing was taken, the first of all may still be in the middle of an item.
            if (part > 0 || g.stretches_.data() == &stretch)
                cut_ = static_cast<int16_t>(stretch.subscription);
            break;
        }
    }
    if (outbox_ && outbox_->sent == outbox_->bytes.size()) dropOutbox();
}

// ---- files in line

std::optional<Outgoing::FileDue> Outgoing::takeFile(UserId self) {
    for (const SubscriptionRef& ref : subscriptions_) {
        if (subscriptionOf(ref).at != kCatchingUp) {
            if (auto due = takeLiveFile(ref, self)) return due;
        } else if (Behind* behind = behindIn(*ref.tail)) {
            if (auto due = takePageFile(*behind)) return due;
        }
    }
    return std::nullopt;
}

std::optional<Outgoing::FileDue> Outgoing::takeLiveFile(const SubscriptionRef& ref, UserId self) {
    Subscription& subscription = subscriptionOf(ref);
    if (ref.tail->nextFile(index(), subscription.at) != subscription.at) return std::nullopt;
    const Tail::Found found = ref.tail->find(index(), subscription.at);
    const auto& files = found.publication->files;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&found](const InlineFile& f) { return f.item == found.item; });
    subscription.at = found.end;
    const Item& item = found.publication->items[found.item];
    if (item.author == self && ownPending_ > 0) {
        --ownPending_;
        return FileDue{*file, {}, {}, true};
    }
    const char* const run = found.publication->runs[index()].data();
    const size_t end = item.end[index()];
    const size_t begin = end - static_cast<size_t>(found.end - found.begin);
    return FileDue{*file, {run + begin, file->at - begin}, {run + file->at, end - file->at}};
}

std::optional<Outgoing::FileDue> Outgoing::takePageFile(Behind& behind) {
    const Page& page = behind.page;
    if (behind.nextFile >= page.files.size()) return std::nullopt;
    const InlineFile& file = page.files[behind.nextFile];
    const size_t begin = beginOf(page, file.item, index());
    if (behind.sent != begin) return std::nullopt;
    const size_t end = page.items[file.item].end[index()];
    ++behind.nextFile;
    behind.sent = end;
    return FileDue{file, page.bytes.substr(begin, file.at - begin),
                   page.bytes.substr(file.at, end - file.at)};
}

}  // namespace netchat::serve
