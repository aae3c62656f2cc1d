// What one connection is sent next: whatever the kernel takes of it, frames never mix, and each
// comes once. Here every frame is in brackets, so that a mixed one is seen.

#include "modes/serve/session/outgoing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "protocol/frame.h"

namespace netchat::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr UserId kSelf = 1, kOther = 2;
constexpr size_t kAll = SIZE_MAX;

std::string frameOf(const std::string& room, uint64_t seq) {
    return "[" + room + " " + std::to_string(seq) + "]";
}

// The frames of a text, of which each must be whole: nothing stands between or inside of them.
std::vector<std::string> framesOf(std::string_view text) {
    std::vector<std::string> frames;
    while (!text.empty()) {
        const size_t end = text.find(']');
        const bool isWhole =
            text.front() == '[' && end != text.npos && text.substr(1, end).find('[') == text.npos;
        if (!isWhole) {
            ADD_FAILURE() << "no whole frame: " << text;
            break;
        }
        frames.emplace_back(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    return frames;
}

// A room whose entries have the same bytes in both dialects.
struct TailedRoom {
    TailedRoom(RoomId id, std::string name) : tail(id, std::move(name), 0) {}

    // Appends an entry; a file's bytes belong before the closing bracket.
    void say(UserId author = kOther, uint64_t fileBytes = 0) {
        const std::string bytes = frameOf(tail.name(), tail.lastSeq() + 1);
        auto segment = std::make_shared<Segment>(bytes.size());
        std::copy(bytes.begin(), bytes.end(), segment->bytes.get());
        auto publication = std::make_shared<Publication>();
        const auto size = static_cast<uint32_t>(bytes.size());
        publication->items.push_back({tail.lastSeq() + 1, author, {size, size}});
        publication->runs = {Run{segment, 0, bytes.size()}, Run{segment, 0, bytes.size()}};
        publication->lastSeq = tail.lastSeq() + 1;
        if (fileBytes > 0) {
            publication->files.push_back({0, bytes.size() - 1, "sha", "name", "from", fileBytes});
        }
        tail.add(publication);
    }
    // The log from `first` to `last`.
    Page page(uint64_t first, uint64_t last) const {
        Page page;
        for (uint64_t seq = first; seq <= last; ++seq) {
            page.bytes += frameOf(tail.name(), seq);
            const auto end = static_cast<uint32_t>(page.bytes.size());
            page.items.push_back({seq, kOther, {end, end}});
        }
        page.first = first;
        page.last = last;
        return page;
    }

    Tail tail;
};

// One who is sent what is outgoing, as far as the kernel takes it.
struct Reader : Subscriber {
    explicit Reader(Dialect dialect = Dialect::V2) { out.setDialect(dialect); }

    void join(TailedRoom& room) { out.subscribe(room.tail, room.tail.lastSeq() + 1, *this); }
    void joinSince(TailedRoom& room, uint64_t nextSeq) { out.subscribe(room.tail, nextSeq, *this); }
    Subscriber* leave(TailedRoom& room) {
        const Outgoing::Ended ended = out.unsubscribe(room.tail);
        if (ended.moved) {
            static_cast<Reader*>(ended.moved)->out.subscriptionMoved(*ended.tail, ended.index);
        }
        return ended.moved;
    }
    // The kernel has room for so many bytes more.
    void flush(size_t bytes) {
        left = bytes;
        out.unblock();
        while (!out.blocked() && sendSome()) EXPECT_EQ(out.checkInvariants(*this), "");
        EXPECT_EQ(out.checkInvariants(*this), "");
    }
    std::vector<std::string> frames() const { return framesOf(received); }
    // What was asked of the hub since the last time.
    std::vector<std::string> asked() {
        std::vector<std::string> texts;
        for (const Outgoing::Need& need : std::exchange(needs, {})) {
            const bool isPage = need.kind == Outgoing::Need::Kind::Page;
            texts.push_back(need.tail->name() + (isPage ? " " + std::to_string(need.seq) : " who"));
        }
        return texts;
    }

    Outgoing out;
    std::string received;
    std::vector<Outgoing::Need> needs;
    std::vector<uint64_t> files;  // the sizes of those that came in line
    size_t left = kAll;

  private:
    size_t take(const iovec& piece) {
        const size_t part = std::min(piece.iov_len, left);
        received.append(static_cast<const char*>(piece.iov_base), part);
        if (left != kAll) left -= part;
        return part;
    }
    bool sendSome() {
        if (out.unsentAnswers() > 0) out.keepCut();
        if (FilePiece* const piece = out.piece()) return sendPiece(*piece);
        out.gather(g, kSelf);
        needs.insert(needs.end(), g.needs().begin(), g.needs().end());
        size_t taken = 0;
        for (const iovec& piece : g.pieces()) taken += take(piece);
        out.written(g, taken);
        return !g.empty() || beginFile();
    }
    bool sendPiece(FilePiece& piece) {
        piece.before += std::exchange(piece.after, {});
        const size_t rest = piece.before.size() - piece.sent;
        const size_t part = take({piece.before.data() + piece.sent, rest});
        piece.sent += part;
        if (part < rest) {
            out.block();
            return false;
        }
        out.endPiece();
        return true;
    }
    bool beginFile() {
        const auto due = out.takeFile(kSelf);
        if (!due) return false;
        if (due->own) return true;
        files.push_back(due->file.size);
        auto piece = std::make_unique<FilePiece>();
        piece->before = due->before + "<" + std::to_string(due->file.size) + ">";
        piece->after = due->after;
        out.beginPiece(std::move(piece));
        return true;
    }

    Outgoing::Gathered g;
};

std::vector<std::string> of(const std::vector<std::string>& frames, const std::string& room) {
    std::vector<std::string> found;
    for (const std::string& frame : frames) {
        if (frame.rfind("[" + room + " ", 0) == 0) found.push_back(frame);
    }
    return found;
}

// ---- the one invariant: frames never mix

// Every source at once: answers, two rooms in the tail, and one behind it with a file in line.
struct AllSources {
    explicit AllSources(Dialect dialect) : reader(dialect) {
        for (int i = 0; i < 4; ++i) old.say();
        reader.joinSince(old, 1);
        reader.join(hall);
        reader.join(yard);
        reader.flush(kAll);
        Page page = old.page(1, 4);
        const size_t end = page.items[1].end[0];
        page.files.push_back({1, end - 1, "sha", "name", "from", 7});
        EXPECT_TRUE(reader.out.takePage(1, 1, page));
        reader.out.outbox() += "[answer 1][answer 2]";
        for (TailedRoom* room : {&hall, &yard, &hall, &yard}) room->say();
    }
    TailedRoom old{1, "old"}, hall{2, "hall"}, yard{3, "yard"};
    Reader reader;
};

void expectAllOnce(const std::vector<std::string>& frames, const std::string& where) {
    EXPECT_THAT(of(frames, "answer"), ElementsAre("[answer 1]", "[answer 2]", "[answer 3]"))
        << where;
    EXPECT_THAT(of(frames, "hall"), ElementsAre("[hall 1]", "[hall 2]", "[hall 3]")) << where;
    EXPECT_THAT(of(frames, "yard"), ElementsAre("[yard 1]", "[yard 2]", "[yard 3]")) << where;
    EXPECT_THAT(of(frames, "old"), ElementsAre("[old 1]", "[old 2<7>]", "[old 3]", "[old 4]"))
        << where;
}

TEST(Outgoing, AShortWriteAtEachByteOfEachSourceMixesNoFrames) {
    for (const Dialect dialect : {Dialect::V2, Dialect::Classic}) {
        AllSources whole(dialect);
        whole.reader.flush(kAll);
        const size_t size = whole.reader.received.size();
        ASSERT_GT(size, 80u);
        for (size_t cut = 0; cut <= size; ++cut) {
            AllSources all(dialect);
            all.reader.flush(cut);
            all.reader.flush(0);  // what was cut stays so where nothing more is taken
            all.reader.out.outbox() += "[answer 3]";
            all.yard.say();
            all.hall.say();
            all.reader.flush(kAll);
            expectAllOnce(all.reader.frames(), "cut at " + std::to_string(cut));
        }
    }
}

TEST(Outgoing, AKernelThatTakesAByteAtATimeMixesNoFrames) {
    AllSources all(Dialect::V2);
    for (int bytes = 0; bytes < 40; ++bytes) all.reader.flush(1);
    all.reader.out.outbox() += "[answer 3]";
    all.yard.say();
    all.hall.say();
    for (int bytes = 0; bytes < 400; ++bytes) all.reader.flush(1);
    expectAllOnce(all.reader.frames(), "byte by byte");
    EXPECT_FALSE(all.reader.out.busy());
}

TEST(Outgoing, AFrameThatWasCutIsFinishedBeforeItsRoomIsLeftOrFallsBehind) {
    enum class Then { Leave, FallBehind, LeaveAll };
    for (const Then then : {Then::Leave, Then::FallBehind, Then::LeaveAll}) {
        const size_t frame = frameOf("hall", 1).size();
        for (size_t cut = 1; cut < frame; ++cut) {
            TailedRoom hall(1, "hall"), yard(2, "yard");
            Reader reader;
            reader.join(hall);
            reader.join(yard);
            hall.say();
            hall.say();
            yard.say();
            reader.flush(cut);
            if (then == Then::FallBehind) {
                reader.out.fallBehind(hall.tail);
            } else {
                reader.out.keepCut();
                if (then == Then::Leave) reader.leave(hall);
                while (then == Then::LeaveAll && reader.out.unsubscribeOne()) {
                }
            }
            EXPECT_EQ(reader.out.checkInvariants(reader), "");
            reader.out.outbox() += "[farewell]";
            reader.flush(kAll);
            EXPECT_THAT(reader.received, StartsWith("[hall 1][farewell]")) << cut;
            (void)reader.frames();
        }
    }
}

// ---- the subscription that was cut, and its number

TEST(Outgoing, ACutFrameGoesOnWhenAnEarlierRoomIsLeft) {
    TailedRoom first(1, "first"), hall(2, "hall"), yard(3, "yard");
    Reader reader;
    for (TailedRoom* room : {&first, &hall, &yard}) reader.join(*room);
    hall.say();
    yard.say();
    reader.flush(3);
    reader.leave(first);
    EXPECT_EQ(reader.out.checkInvariants(reader), "");
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[yard 1]"));
}

TEST(Outgoing, ACutFrameGoesOnWhenALaterRoomIsLeft) {
    TailedRoom hall(1, "hall"), yard(2, "yard"), last(3, "last");
    Reader reader;
    for (TailedRoom* room : {&hall, &yard, &last}) reader.join(*room);
    yard.say();
    reader.flush(3);
    reader.leave(last);
    hall.say();
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[yard 1]", "[hall 1]"));
}

TEST(Outgoing, WhoseSubscriptionMovesIsTold) {
    TailedRoom room(1, "hall");
    Reader gone, stays, moves;
    for (Reader* reader : {&gone, &stays, &moves}) reader->join(room);
    EXPECT_EQ(gone.leave(room), &moves);
    EXPECT_EQ(moves.out.checkInvariants(moves), "");
    EXPECT_EQ(stays.out.checkInvariants(stays), "");
    EXPECT_EQ(stays.leave(room), nullptr);
    room.say();
    moves.flush(kAll);
    EXPECT_THAT(moves.frames(), ElementsAre("[hall 1]"));
}

TEST(Outgoing, TheOnlySubscriptionMayBeWrittenDirectly) {
    TailedRoom room(1, "hall");
    Reader reader;
    reader.join(room);
    EXPECT_TRUE(reader.out.owesOnlyItsSubscription());
    room.say();
    const size_t v2 = indexOf(Dialect::V2);
    Subscription& subscription = room.tail.subscriptions(v2).front();
    reader.received = "[ha";
    reader.out.wroteOnly(subscription, room.tail.end(v2), 3);
    EXPECT_TRUE(reader.out.blocked());
    EXPECT_FALSE(reader.out.owesOnlyItsSubscription());
    reader.out.outbox() += "[answer]";
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[answer]"));
    EXPECT_TRUE(reader.out.owesOnlyItsSubscription());
    reader.out.outbox();
    EXPECT_FALSE(reader.out.owesOnlyItsSubscription());
}

TEST(Outgoing, WhatIsOwedIsKeptWhereLeavingCannotTakeItAway) {
    TailedRoom hall(1, "hall");
    Reader reader;
    reader.join(hall);
    hall.say();
    hall.say();
    reader.flush(3);
    reader.out.keepRest(hall.tail);
    reader.leave(hall);
    reader.out.outbox() += "[left]";
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[hall 2]", "[left]"));
}

// ---- behind the tail

TEST(Outgoing, WhoIsTooSlowReadsTheLogAndThenIsInTheTailAgain) {
    TailedRoom hall(1, "hall");
    Reader reader;
    reader.join(hall);
    for (int i = 0; i < 3; ++i) hall.say();
    reader.flush(3);
    reader.out.fallBehind(hall.tail);
    hall.tail.clear();
    EXPECT_TRUE(reader.out.catchesUp());
    reader.flush(kAll);
    EXPECT_THAT(reader.asked(), ElementsAre("hall 2"));
    reader.flush(kAll);
    EXPECT_THAT(reader.asked(), IsEmpty()) << "asked twice";
    Page page = hall.page(2, 3);
    EXPECT_TRUE(reader.out.takePage(1, 2, page));
    hall.say();
    reader.flush(kAll);
    EXPECT_THAT(reader.asked(), ElementsAre("hall who"));
    EXPECT_FALSE(reader.out.catchesUp());
    hall.say();
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(),
                ElementsAre("[hall 1]", "[hall 2]", "[hall 3]", "[hall 4]", "[hall 5]"));
}

TEST(Outgoing, WhatIsStillOwedOfARoomIsKnown) {
    TailedRoom hall(1, "hall");
    Reader reader;
    EXPECT_EQ(reader.out.owedFrom("hall"), UINT64_MAX) << "it is not in the room";
    reader.join(hall);
    EXPECT_EQ(reader.out.owedFrom("hall"), 1u);
    for (int i = 0; i < 3; ++i) hall.say();
    EXPECT_EQ(reader.out.owedFrom("hall"), 1u);
    reader.flush(frameOf("hall", 1).size() + 1);
    EXPECT_EQ(reader.out.owedFrom("hall"), 2u) << "a part of it was sent";
    reader.out.fallBehind(hall.tail);
    hall.tail.clear();
    EXPECT_EQ(reader.out.owedFrom("hall"), 3u) << "the rest of the second is kept";
    reader.flush(kAll);
    Page page = hall.page(3, 3);
    EXPECT_TRUE(reader.out.takePage(1, 3, page));
    EXPECT_EQ(reader.out.owedFrom("hall"), 3u) << "the page is not sent yet";
    reader.flush(kAll);
    EXPECT_EQ(reader.out.owedFrom("hall"), 4u);
}

TEST(Outgoing, WhoReadsOnFromTheLogIsNotToldWhoIsThereAgain) {
    TailedRoom hall(1, "hall");
    for (int i = 0; i < 2; ++i) hall.say();
    Reader reader;
    reader.joinSince(hall, 1);
    reader.flush(kAll);
    EXPECT_THAT(reader.asked(), ElementsAre("hall 1"));
    Page page = hall.page(1, 2);
    EXPECT_TRUE(reader.out.takePage(1, 1, page));
    reader.flush(kAll);
    EXPECT_THAT(reader.asked(), IsEmpty());
    EXPECT_FALSE(reader.out.catchesUp());
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[hall 2]"));
}

TEST(Outgoing, APageThatAnswersAnEarlierSubscriptionIsNotTaken) {
    TailedRoom hall(1, "hall");
    for (int i = 0; i < 3; ++i) hall.say();
    Reader reader;
    reader.joinSince(hall, 1);
    reader.flush(kAll);
    Page page = hall.page(2, 3);
    EXPECT_FALSE(reader.out.takePage(1, 2, page));
    EXPECT_FALSE(reader.out.takePage(2, 1, page));
    EXPECT_EQ(page.items.size(), 2u) << "taken all the same";
    Page asked = hall.page(1, 3);
    EXPECT_TRUE(reader.out.takePage(1, 1, asked));
    EXPECT_FALSE(reader.out.takePage(1, 1, page)) << "taken without being asked for";
}

TEST(Outgoing, WhatIsKeptNoLongerIsAGap) {
    TailedRoom hall(1, "hall");
    for (int i = 0; i < 9; ++i) hall.say();
    Reader reader;
    reader.joinSince(hall, 1);
    reader.flush(kAll);
    Page page = hall.page(5, 9);
    page.gapFirst = 1;
    page.gapLast = 4;
    page.lost = {{6, 7}};
    const auto gaps = reader.out.takePage(1, 1, page);
    ASSERT_TRUE(gaps);
    EXPECT_EQ(*gaps->room, "hall");
    EXPECT_THAT(gaps->ranges, ElementsAre(std::pair(1u, 4u), std::pair(6u, 7u)));
}

// ---- a room that is left while its log is still owed

TEST(Outgoing, WhoLeavesIsSentWhatWasSaidBeforeAndNothingThatCameAfter) {
    TailedRoom hall(1, "hall");
    for (int i = 0; i < 3; ++i) hall.say();
    Reader reader(Dialect::Classic);
    reader.joinSince(hall, 1);
    EXPECT_TRUE(reader.out.waits(hall.tail, Unsubscribed{9, 1, 3, true}));
    hall.say();
    hall.say(kOther, 7);
    reader.flush(kAll);
    EXPECT_FALSE(reader.out.takeParted());
    Page page = hall.page(1, 5);
    page.files.push_back({3, page.items[3].end[0] - 1, "sha", "name", "from", 6});
    page.files.push_back({4, page.items[4].end[0] - 1, "sha", "name", "from", 7});
    EXPECT_TRUE(reader.out.takePage(1, 1, page));
    EXPECT_FALSE(reader.out.takeParted()) << "before all was sent";
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[hall 2]", "[hall 3]"));
    const auto parted = reader.out.takeParted();
    ASSERT_TRUE(parted);
    EXPECT_EQ(parted->left.seq, 3u);
    EXPECT_EQ(parted->reached, 5u);
    EXPECT_THAT(parted->afterwards, IsEmpty());
    reader.leave(hall);
    EXPECT_FALSE(reader.out.takeParted());
    EXPECT_FALSE(reader.out.busy());
}

TEST(Outgoing, WhatHappensInARoomThatIsBeingLeftWaitsInItsOrder) {
    TailedRoom hall(1, "hall");
    hall.say();
    Reader reader;
    reader.joinSince(hall, 1);
    Subscribed again{9, 1, "hall", 1, 2, 1, {}};
    EXPECT_FALSE(reader.out.waits(hall.tail, again)) << "nobody leaves";
    EXPECT_FALSE(reader.out.waits(hall.tail, Unsubscribed{9, 1, 1, false})) << "it is not told";
    EXPECT_TRUE(reader.out.waits(hall.tail, Unsubscribed{9, 1, 1, true}));
    EXPECT_TRUE(reader.out.waits(hall.tail, again));
    EXPECT_TRUE(reader.out.waits(hall.tail, Unsubscribed{9, 1, 2, true}));
    reader.flush(kAll);
    Page page = hall.page(1, 1);
    EXPECT_TRUE(reader.out.takePage(1, 1, page));
    reader.flush(kAll);
    const auto parted = reader.out.takeParted();
    ASSERT_TRUE(parted);
    ASSERT_EQ(parted->afterwards.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<Subscribed>(parted->afterwards[0]));
    EXPECT_EQ(std::get<Unsubscribed>(parted->afterwards[1]).seq, 2u);
}

// ---- own entries, and files in line

TEST(Outgoing, AClassicReaderIsNotSentItsOwnEntries) {
    TailedRoom hall(1, "hall");
    Reader reader(Dialect::Classic);
    reader.join(hall);
    for (int i = 0; i < 2; ++i) reader.out.expectOwnEntry();
    for (const UserId author : {kOther, kSelf, kOther, kSelf, kSelf}) hall.say(author);
    for (int bytes = 0; bytes < 60; ++bytes) reader.flush(1);
    // The fifth is of an earlier connection of the same user.
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[hall 3]", "[hall 5]"));
    EXPECT_TRUE(reader.out.owesOnlyItsSubscription());
}

TEST(Outgoing, AnOwnEntryThatIsRefusedOrInThePageIsExpectedNoLonger) {
    TailedRoom hall(1, "hall");
    for (int i = 0; i < 3; ++i) hall.say();
    Reader reader(Dialect::Classic);
    reader.joinSince(hall, 1);
    for (int i = 0; i < 3; ++i) reader.out.expectOwnEntry();
    reader.out.ownEntryAnswered();
    reader.flush(kAll);
    Page page = hall.page(1, 1);
    page.last = 3;
    page.ownSkipped = 2;
    EXPECT_TRUE(reader.out.takePage(1, 1, page));
    hall.say(kSelf);
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[hall 4]"));
    reader.out.ownEntryAnswered();
    EXPECT_TRUE(reader.out.owesOnlyItsSubscription()) << "fewer than none are expected";
}

TEST(Outgoing, AFileComesInLineAndItsOwnersDoesNot) {
    TailedRoom hall(1, "hall");
    Reader reader(Dialect::Classic);
    reader.join(hall);
    reader.out.expectOwnEntry();
    hall.say();
    hall.say(kOther, 5);
    hall.say(kSelf, 6);
    hall.say();
    reader.flush(kAll);
    EXPECT_THAT(reader.frames(), ElementsAre("[hall 1]", "[hall 2<5>]", "[hall 4]"));
    EXPECT_THAT(reader.files, ElementsAre(5u));
    EXPECT_TRUE(reader.out.owesOnlyItsSubscription());
}

// ---- answers

TEST(Outgoing, OnlyTheAnswerThatHasBegunIsKeptWhenTooMuchWaits) {
    std::string frames;
    for (const char* token : {"one", "two", "six"}) {
        FrameWriter(frames, "pong").label("token", std::string_view(token)).finish();
    }
    const size_t size = frames.size() / 3;
    for (size_t sent = 0; sent < size; ++sent) {
        Reader reader;
        reader.out.outbox() = frames;
        reader.flush(sent);
        reader.out.dropUnbegunAnswers();
        EXPECT_EQ(reader.out.checkInvariants(reader), "");
        reader.flush(kAll);
        EXPECT_EQ(reader.received, frames.substr(0, sent == 0 ? 0 : size)) << sent;
    }
}

// ---- what is not as it should be is seen

TEST(Outgoing, ACursorThatWasLeftInsideOfAFrameIsSeen) {
    TailedRoom hall(1, "hall");
    Reader reader;
    reader.join(hall);
    hall.say();
    ++hall.tail.subscriptions(indexOf(Dialect::V2)).front().at;
    EXPECT_THAT(reader.out.checkInvariants(reader), StartsWith("the cursor in hall was left"));
    hall.tail.subscriptions(indexOf(Dialect::V2)).front().at += 100;
    EXPECT_EQ(reader.out.checkInvariants(reader), "the cursor in hall is past the end");
}

TEST(Outgoing, ASubscriptionThatIsAnothersOrNowhereIsSeen) {
    TailedRoom hall(1, "hall");
    Reader reader, other;
    reader.join(hall);
    EXPECT_EQ(reader.out.checkInvariants(other), "the subscription in hall is another's");
    hall.tail.subscriptions(indexOf(Dialect::V2)).front().at = kCatchingUp;
    EXPECT_THAT(reader.out.checkInvariants(reader), StartsWith("the subscription in hall is nei"));
}

TEST(Outgoing, TwoSourcesInsideOfAFrameAreSeen) {
    TailedRoom hall(1, "hall");
    Reader reader;
    reader.join(hall);
    hall.say();
    reader.flush(3);
    reader.out.beginPiece(std::make_unique<FilePiece>());
    EXPECT_THAT(reader.out.checkInvariants(reader), StartsWith("two sources stand inside"));
}

}  // namespace
}  // namespace netchat::serve
