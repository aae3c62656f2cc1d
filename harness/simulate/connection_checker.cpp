#include "harness/simulate/connection_checker.h"

#include <algorithm>
#include <utility>

#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::simulate {

namespace {

// Whose answers come in the order of asking.
bool isOrdered(std::string_view verb) {
    return verb == v2::History::kVerb || verb == v2::Leave::kVerb || verb == v2::Nick::kVerb;
}

}  // namespace

void ConnectionChecker::clientWrites(std::string_view bytes) {
    up_.feed(bytes);
    std::string_view payload;
    while (up_.takeField(limits::kFrameBytesMax, payload) == FieldReader::State::Ready) {
        if (const auto frame = parseFrame(payload)) asked(*frame);
    }
    up_.release();
}

void ConnectionChecker::clientReads(std::string_view bytes) {
    receivedBefore_.clear();
    down_.feed(bytes);
    std::string_view payload;
    for (;;) {
        const auto got = down_.takeField(limits::kFrameBytesMax, payload);
        if (got == FieldReader::State::Failed) {
            checker_.violated("terms", who_ + " is sent what are no frames");
        }
        if (got != FieldReader::State::Ready) break;
        const auto frame = parseFrame(payload);
        if (frame) {
            answered(*frame);
        } else {
            checker_.violated("terms", who_ + " is sent a frame without a head");
        }
    }
    down_.release();
}

void ConnectionChecker::clientLeft() {
    for (const auto& [sha256, size] : receivedBefore_) {
        // One that was received to its end is fetched from its beginning the next time.
        if (const auto it = traffic_.received.find(sha256); it != traffic_.received.end()) {
            it->second = size;
        }
    }
}

void ConnectionChecker::asked(const Frame& frame) {
    if (frame.verb == v2::Join::kVerb) {
        if (const auto join = v2::decode<v2::Join>(frame)) {
            joins_[std::string(join->room)].push_back(join->since);
        }
    } else if (frame.verb == v2::Offer::kVerb) {
        const auto offer = v2::decode<v2::Offer>(frame);
        if (!offer) return;
        const std::string key =
            who_ + " " + std::string(offer->id) + " " + std::string(offer->sha256);
        offers_[std::string(offer->id)] = key;
        checker_.offered(std::string(offer->sha256), key);
    } else if (isOrdered(frame.verb)) {
        const auto* const room = frame.labels.find("room");
        questions_.emplace_back(frame.verb, room ? *room : std::string_view());
    } else if (frame.verb == v2::Get::kVerb) {
        const auto get = v2::decode<v2::Get>(frame);
        if (!get) return;
        bool& fetched = fetched_[std::string(get->sha256)];
        uint64_t& received = traffic_.received[std::string(get->sha256)];
        if (std::exchange(fetched, true)) return;
        if (get->at < received && !checker_.isRotten(get->sha256)) {
            traffic_.resent = who_ + " fetches from " + std::to_string(get->at) + " and had " +
                              std::to_string(received);
        }
        received = std::max(received, get->at);
    }
}

void ConnectionChecker::answered(const Frame& frame) {
    if (frame.verb == v2::Joined::kVerb) {
        const auto joined = v2::decode<v2::Joined>(frame);
        if (!joined) return;
        auto& asked = joins_[std::string(joined->room)];
        if (asked.empty())
            return checker_.violated("terms", who_ + " is told of a join that it did not ask for");
        const auto since = asked.front();
        asked.pop_front();
        const uint64_t from = std::min(since.value_or(joined->seq), joined->seq);
        due_[std::string(joined->room)] = std::min(from, joined->common.value_or(from)) + 1;
    } else if (frame.verb == v2::Welcome::kVerb) {
        if (const auto welcome = v2::decode<v2::Welcome>(frame)) self_ = welcome->user;
    } else if (frame.verb == v2::Presence::kVerb) {
        // It is in the list that came with `joined`. Of others the wire cannot tell: who left while
        // this one was catching up is announced when they are back.
        const auto note = v2::decode<v2::Presence>(frame);
        if (note && note->state == "joined" && note->user == self_ && due_.count(note->room) > 0) {
            checker_.violated("presence", who_ + " is told that it has come to " +
                                              std::string(note->room) + ", where it is");
        }
    } else if (frame.verb == v2::Left::kVerb) {
        if (const auto left = v2::decode<v2::Left>(frame)) {
            questionAnswered(v2::Leave::kVerb, left->room);
            const auto it = due_.find(left->room);
            if (it == due_.end()) return;
            // Whatever was said before is owed.
            if (it->second < left->seq + 1) {
                checker_.violated("lost", who_ + " has left " + it->first + " after " +
                                              std::to_string(left->seq) +
                                              " and was sent only up to " +
                                              std::to_string(it->second - 1));
            }
            due_.erase(it);
        }
    } else if (frame.verb == v2::Msg::kVerb) {
        const auto m = v2::decode<v2::Msg>(frame);
        if (!m) return;
        store::Entry e{
            store::EntryKind::Message, m->seq, m->time, m->user, m->id, m->from, m->text, {}, 0};
        entry(frame, m->room, e, m->again != 0);
    } else if (frame.verb == v2::File::kVerb) {
        const auto f = v2::decode<v2::File>(frame);
        if (!f) return;
        store::Entry e{store::EntryKind::File,
                       f->seq,
                       f->time,
                       f->user,
                       f->id,
                       f->from,
                       f->name,
                       f->sha256,
                       f->size};
        entry(frame, f->room, e, f->again != 0);
    } else if (frame.verb == v2::Page::kVerb) {
        if (const auto page = v2::decode<v2::Page>(frame)) {
            questionAnswered(v2::History::kVerb, page->room);
        }
    } else if (frame.verb == v2::Named::kVerb) {
        questionAnswered(v2::Nick::kVerb, {});
    } else if (frame.verb == v2::Gap::kVerb) {
        // Nothing is ever forgotten here while it is asked for; it may be damaged.
        const auto gap = v2::decode<v2::Gap>(frame);
        if (!gap || !checker_.areRotten(gap->room, gap->from, gap->to)) {
            return checker_.violated("lost", who_ + " is told of a gap");
        }
        const auto due = due_.find(gap->room);
        if (due != due_.end() && gap->from <= due->second) {
            due->second = std::max(due->second, gap->to + 1);
        }
    } else if (frame.verb == v2::Accept::kVerb) {
        const auto accept = v2::decode<v2::Accept>(frame);
        if (!accept) return;
        const auto it = offers_.find(accept->id);
        if (it == offers_.end() || accept->transfer == 0) return;
        transfers_[accept->transfer] = it->second;
        const std::string sha256 = it->second.substr(it->second.rfind(' ') + 1);
        const bool alone = checker_.offerersOf(sha256) < 2 && !checker_.isRotten(sha256);
        if (alone && accept->at < traffic_.stored[it->second]) {
            traffic_.resent = it->second + " goes on from " + std::to_string(accept->at) +
                              " and was stored up to " +
                              std::to_string(traffic_.stored[it->second]);
        }
    } else if (frame.verb == v2::Stored::kVerb) {
        const auto stored = v2::decode<v2::Stored>(frame);
        const auto it = stored ? transfers_.find(stored->transfer) : transfers_.end();
        if (it == transfers_.end()) return;
        uint64_t& most = traffic_.stored[it->second];
        most = std::max(most, stored->off);
    } else if (frame.verb == v2::Data::kVerb) {
        const auto data = v2::decode<v2::Data>(frame);
        if (!data) return;
        uint64_t& received = traffic_.received[std::string(data->sha256)];
        receivedBefore_.emplace(data->sha256, received);
        received = std::max(received, data->off + data->bytes.size());
    } else if (frame.verb == v2::Failure::kVerb) {
        const auto failure = v2::decode<v2::Failure>(frame);
        if (!failure) return;
        questionAnswered(failure->re, failure->room);
        if (failure->re != v2::Join::kVerb) return;
        auto& asked = joins_[std::string(failure->room)];
        if (!asked.empty()) asked.pop_front();
    }
}

void ConnectionChecker::questionAnswered(std::string_view verb, std::string_view room) {
    for (auto it = questions_.begin(); isOrdered(verb) && it != questions_.end(); ++it) {
        if (it->first == verb && it->second == room) {
            questions_.erase(it);
            return;
        }
        if (it->first != v2::History::kVerb) continue;
        return checker_.violated("order", who_ + " asked for a page of " + it->second +
                                              " and is first answered to '" + std::string(verb) +
                                              " " + std::string(room) + "'");
    }
}

void ConnectionChecker::entry(const Frame& frame, std::string_view room, const store::Entry& entry,
                              bool again) {
    // Of what is damaged the log knows only that it was said.
    const bool acknowledges = again && checker_.areRotten(room, entry.seq, entry.seq);
    if (!acknowledges) checker_.shown(who_, entry, room);
    if (again) return;
    const std::string what = who_ + " is sent the " + std::string(frame.verb) + " " +
                             std::string(room) + " " + std::to_string(entry.seq);
    const auto due = due_.find(room);
    if (due == due_.end())
        return checker_.violated("not-member", what + " and is not in that room");
    if (entry.seq < due->second) checker_.violated("doubled", what + " again");
    if (entry.seq > due->second) {
        checker_.violated("lost", what + " where " + std::to_string(due->second) + " was due");
    }
    due->second = std::max(due->second, entry.seq + 1);
}

}  // namespace netchat::simulate
