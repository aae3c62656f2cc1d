#include "harness/run/recorder.h"

#include <gmock/gmock.h>

namespace netchat::harness {
namespace {

using client::Event;
using client::EventKind;
using testing::HasSubstr;

// Two v2 bots and a classic one; bot 0 says message 1 with the id "a", and uploads file 0 as "f".
struct Recording : testing::Test {
    Recording() : workload(makeWorkload()), recorder(journal, workload, {std::string(64, 'a')}) {
        recorder.sent(0, 1, 0, "a", 5);
        recorder.uploading(0, 0, "f");
    }
    static Workload makeWorkload() {
        auto planned = plan({.seed = 3, .bots = 3, .rooms = 2, .files = 1, .fileBytes = 10});
        planned->bots[2].classic = true;
        planned->files[0].sender = 0;
        planned->files[0].room = 0;
        return std::move(*planned);
    }
    std::string text() const { return makeText(workload.payload, 0, 1); }
    Event message(std::string_view text) const {
        return {.kind = EventKind::Message,
                .room = "lobby",
                .from = workload.bots[0].nick,
                .id = "a",
                .text = text,
                .seq = 9};
    }
    Event file(EventKind kind) const {
        return {.kind = kind,
                .room = "lobby",
                .from = workload.bots[0].nick,
                .name = workload.files[0].name,
                .sha256 = sha,
                .seq = 10,
                .size = 10};
    }
    const Record& seen(uint32_t bot, const Event& event) {
        meaning = recorder.onEvent(bot, event);
        return journal.records().back();
    }

    const std::string sha = std::string(64, 'a');
    Journal journal;
    Workload workload;
    Recorder recorder;
    Recorder::Meaning meaning = Recorder::Meaning::Nothing;
};

TEST_F(Recording, RecognisesAMessage) {
    const std::string said = text();
    const Record& record = seen(1, message(said));
    EXPECT_EQ(record.kind, Kind::Received);
    EXPECT_EQ(record.bot, 1U);
    EXPECT_EQ(record.sender, 0U);
    EXPECT_EQ(record.number, 1U);
    EXPECT_EQ(record.seq, 9U);
    EXPECT_EQ(meaning, Recorder::Meaning::OthersMessage);
    seen(0, message(said));
    EXPECT_EQ(meaning, Recorder::Meaning::OwnMessage);
    EXPECT_EQ(recorder.deliveries(), 2U);
}

TEST_F(Recording, NoticesAChangedByteAndStillKnowsWhichMessageItWas) {
    for (size_t i = 0; i < text().size(); ++i) {
        std::string changed = text();
        changed[i] = static_cast<char>(changed[i] ^ 1);
        const Record& record = seen(1, message(changed));
        EXPECT_EQ(record.kind, Kind::Corrupted) << i;
        EXPECT_EQ(record.number, 1U) << i;
    }
}

TEST_F(Recording, NoticesAChangedByteWithoutAnId) {
    std::string changed = text();
    changed.back() = static_cast<char>(changed.back() ^ 1);
    Event event = message(changed);
    event.id = {};
    const Record& record = seen(2, event);
    EXPECT_EQ(record.kind, Kind::Corrupted);
    EXPECT_EQ(record.number, 1U);
}

TEST_F(Recording, NoticesAnotherSender) {
    const std::string said = text();
    Event event = message(said);
    event.from = workload.bots[1].nick;
    EXPECT_EQ(seen(2, event).kind, Kind::Corrupted);
}

TEST_F(Recording, TakesOtherTextsForStrangers) {
    Event event = message("hello");
    event.id = {};
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
    event.from = "somebody";
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
    event.kind = EventKind::Private;
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
}

TEST_F(Recording, TakesAMessageInAnUnknownRoomForAStranger) {
    const std::string said = text();
    Event event = message(said);
    event.room = "elsewhere";
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
}

TEST_F(Recording, ChecksAFilesSizeAndHash) {
    EXPECT_EQ(seen(1, file(EventKind::File)).kind, Kind::Announced);
    EXPECT_EQ(seen(1, file(EventKind::FileReceived)).kind, Kind::FileReceived);
    Event cut = file(EventKind::FileReceived);
    cut.size = 9;
    EXPECT_EQ(seen(2, cut).kind, Kind::FileCorrupted);
    Event other = file(EventKind::FileReceived);
    const std::string wrong(64, 'b');
    other.sha256 = wrong;
    EXPECT_EQ(seen(2, other).kind, Kind::FileCorrupted);
    EXPECT_EQ(seen(1, other).kind, Kind::FileCorrupted);
    EXPECT_EQ(recorder.filesReceived(), 1U);
}

TEST_F(Recording, KnowsAStrayFileAndAFailedOne) {
    Event stray = file(EventKind::FileReceived);
    const std::string wrong(64, 'b');
    stray.name = "other.bin";
    stray.sha256 = wrong;
    EXPECT_EQ(seen(1, stray).kind, Kind::StrayFile);
    Event failed = file(EventKind::FileFailed);
    failed.code = "bad-hash";
    const Record& record = seen(1, failed);
    EXPECT_EQ(record.kind, Kind::FileFailed);
    EXPECT_THAT(std::string(journal.text(record)), HasSubstr("bad-hash"));
}

TEST_F(Recording, KnowsWhatWasRefused) {
    const Record& message = seen(0, {.kind = EventKind::Refused, .id = "a", .code = "too-long"});
    EXPECT_EQ(message.kind, Kind::Refused);
    EXPECT_EQ(message.number, 1U);
    EXPECT_EQ(meaning, Recorder::Meaning::OwnMessage);
    EXPECT_EQ(seen(0, {.kind = EventKind::Refused, .id = "f"}).kind, Kind::UploadRefused);
    EXPECT_EQ(meaning, Recorder::Meaning::OwnFile);
    const size_t before = journal.records().size();
    seen(1, {.kind = EventKind::Refused, .id = "a"});
    EXPECT_EQ(journal.records().size(), before);
}

}  // namespace
}  // namespace netchat::harness
