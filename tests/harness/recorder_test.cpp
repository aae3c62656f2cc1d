#include "harness/run/recorder.h"

#include <gmock/gmock.h>

namespace netchat::harness {
namespace {

using client::Event;
namespace event = client::event;
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
    event::Message message(std::string_view text) const {
        return {.room = "lobby", .from = workload.bots[0].nick, .id = "a", .text = text, .seq = 9};
    }
    // E: File, FileReceived or FileFailed.
    template <class E>
    E file() const {
        E file;
        file.room = "lobby", file.from = workload.bots[0].nick;
        file.name = workload.files[0].name, file.sha256 = sha, file.size = 10;
        if constexpr (requires { file.seq; }) file.seq = 10;
        return file;
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
    auto event = message(changed);
    event.id = {};
    const Record& record = seen(2, event);
    EXPECT_EQ(record.kind, Kind::Corrupted);
    EXPECT_EQ(record.number, 1U);
}

TEST_F(Recording, NoticesAnotherSender) {
    const std::string said = text();
    auto event = message(said);
    event.from = workload.bots[1].nick;
    EXPECT_EQ(seen(2, event).kind, Kind::Corrupted);
}

TEST_F(Recording, TakesOtherTextsForStrangers) {
    auto event = message("hello");
    event.id = {};
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
    event.from = "somebody";
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
    EXPECT_EQ(seen(1, event::Private{.from = "somebody", .text = "hello"}).kind, Kind::Stranger);
}

TEST_F(Recording, TakesAMessageInAnUnknownRoomForAStranger) {
    const std::string said = text();
    auto event = message(said);
    event.room = "elsewhere";
    EXPECT_EQ(seen(1, event).kind, Kind::Stranger);
}

TEST_F(Recording, ChecksAFilesSizeAndHash) {
    EXPECT_EQ(seen(1, file<event::File>()).kind, Kind::Announced);
    EXPECT_EQ(seen(1, file<event::FileReceived>()).kind, Kind::FileReceived);
    auto cut = file<event::FileReceived>();
    cut.size = 9;
    EXPECT_EQ(seen(2, cut).kind, Kind::FileCorrupted);
    auto other = file<event::FileReceived>();
    const std::string wrong(64, 'b');
    other.sha256 = wrong;
    EXPECT_EQ(seen(2, other).kind, Kind::FileCorrupted);
    EXPECT_EQ(seen(1, other).kind, Kind::FileCorrupted);
    EXPECT_EQ(recorder.filesReceived(), 1U);
}

TEST_F(Recording, KnowsAStrayFileAndAFailedOne) {
    auto stray = file<event::FileReceived>();
    const std::string wrong(64, 'b');
    stray.name = "other.bin";
    stray.sha256 = wrong;
    EXPECT_EQ(seen(1, stray).kind, Kind::StrayFile);
    auto failed = file<event::FileFailed>();
    failed.code = "bad-hash";
    const Record& record = seen(1, failed);
    EXPECT_EQ(record.kind, Kind::FileFailed);
    EXPECT_THAT(std::string(journal.text(record)), HasSubstr("bad-hash"));
}

TEST_F(Recording, KnowsWhatWasRefused) {
    const Record& message = seen(0, event::Refused{.id = "a", .code = "too-long"});
    EXPECT_EQ(message.kind, Kind::Refused);
    EXPECT_EQ(message.number, 1U);
    EXPECT_EQ(meaning, Recorder::Meaning::OwnMessage);
    EXPECT_EQ(seen(0, event::Refused{.id = "f"}).kind, Kind::UploadRefused);
    EXPECT_EQ(meaning, Recorder::Meaning::OwnFile);
    const size_t before = journal.records().size();
    seen(1, event::Refused{.id = "a"});
    EXPECT_EQ(journal.records().size(), before);
}

}  // namespace
}  // namespace netchat::harness
