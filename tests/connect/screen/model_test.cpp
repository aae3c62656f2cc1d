// What somebody at the screen sees and does, and what becomes of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "modes/connect/command_table.h"
#include "tests/connect/screen/screen_fixture.h"

namespace netchat::connect {
namespace {

namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using Kind = ClientCommand::Kind;

TEST_F(ScreenTest, IsThereBeforeTheServerIs) {
    EXPECT_EQ(screen(), R"(
 1 lobby









 connecting  bob@127.0.0.1:6121  F1 help
>)");
    EXPECT_EQ(grid().cursor, (Point{2, 11}));
}

TEST_F(ScreenTest, ShowsWhoSaysWhatAndWhoIsHere) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", "hello, who is here?", 1);
    types("\x1bOQ");
    EXPECT_EQ(screen(), R"(
 1 lobby
                                                              │ 2 here
                                                              │ alice
                                                              │ bob
                                                              │
                                                              │
                                                              │
                                                              │
14:36        -- │ you are in lobby with alice                 │
14:36     alice │ hello, who is here?                         │
 connected  bob@127.0.0.1:6121  F1 help
>)");
}

TEST_F(ScreenTest, EntersARoomWithItsLastMessages) {
    connects();
    joins("lobby", 120, {});
    const ClientCommand page = onlyOrder(Kind::History);
    EXPECT_EQ(page.where, "lobby");
    EXPECT_EQ(page.number, 121u);
    EXPECT_EQ(page.count, 50u);
    EXPECT_THAT(screen(), HasSubstr("120 earlier entries …"));
    sendsPage(page);
    EXPECT_THAT(screen(), HasSubstr("alice │ m120"));
    EXPECT_THAT(screen(), Not(HasSubstr("earlier")));
}

TEST_F(ScreenTest, PagesBackThroughTheWholeHistoryAsSomebodyGoes) {
    connects();
    joins("lobby", 1000, {});
    for (int presses = 0; presses < 300; ++presses) {
        for (const ClientCommand& order : orders()) sendsPage(order);
        types("\x1b[5~");
        EXPECT_THAT(screen(), Not(HasSubstr("│ m0 "))) << "there is none";
    }
    EXPECT_THAT(screen(), HasSubstr("alice │ m1\n"));
    EXPECT_TRUE(orders().empty()) << "all of it is here";
    types("\x1b>");
    EXPECT_THAT(screen(), HasSubstr("alice │ m1000"));
}

TEST_F(ScreenTest, KeepsItsPlaceWhileMessagesCome) {
    connects();
    joins("lobby", 0, {});
    for (uint64_t seq = 1; seq <= 40; ++seq) says("alice", "old" + std::to_string(seq), seq);
    types("\x1b[5~");
    const Grid before = grid();
    for (uint64_t seq = 41; seq <= 90; ++seq) says("alice", "new" + std::to_string(seq), seq);
    for (int y = 1; y < 10; ++y) EXPECT_EQ(row(y), row(before, y));
    EXPECT_THAT(row(10), HasSubstr("PgDn: 50 new"));
    for (int presses = 0; presses < 20; ++presses) types("\x1b[6~");
    EXPECT_THAT(screen(), HasSubstr("new90"));
    EXPECT_THAT(row(10), Not(HasSubstr("PgDn")));
}

TEST_F(ScreenTest, KeepsItsPlaceWhileHistoryComes) {
    connects();
    joins("lobby", 500, {});
    sendsPage(onlyOrder(Kind::History));
    for (int presses = 0; presses < 5; ++presses) types("\x1b[5~");
    const Grid before = grid();
    sendsPage(onlyOrder(Kind::History));
    EXPECT_EQ(row(9), row(before, 9));
}

TEST_F(ScreenTest, WhatIsTypedIsPendingUntilTheLogHasIt) {
    connects();
    joins("lobby", 0, {"alice"});
    types("hello\r");
    const ClientCommand said = onlyOrder(Kind::Say);
    EXPECT_EQ(said.where, "lobby");
    EXPECT_EQ(said.text, "hello");
    EXPECT_THAT(screen(), HasSubstr("  ...       bob │ hello"));
    EXPECT_THAT(row(10), HasSubstr("1 waiting"));
    number(said.tag, "17");
    says("alice", "in between", 1);
    acknowledges("17", "hello", 2);
    EXPECT_THAT(screen(), HasSubstr("14:36     alice │ in between"));
    EXPECT_THAT(screen(), HasSubstr("14:36       bob │ hello"));
    EXPECT_THAT(screen(), Not(HasSubstr("...")));
}

TEST_F(ScreenTest, WhatIsTypedWhileTheServerIsAwayWaitsAndIsNotDoubled) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", "one", 1);
    take(event::Reconnecting{
        .text = "the connection was lost", .code = "lost", .attempt = 1, .retryMs = 2000});
    EXPECT_THAT(row(10), HasSubstr("lost, trying again in 2 s"));
    types("anybody?\r");
    const ClientCommand said = onlyOrder(Kind::Say);
    number(said.tag, "18");
    passes(1500);
    EXPECT_THAT(row(10), HasSubstr("lost, trying again in 1 s"));
    EXPECT_THAT(row(10), HasSubstr("1 waiting"));
    take(event::Connected{.nick = "bob", .user = 2, .again = true});
    joins("lobby", 3, {"alice"});
    says("alice", "two", 2);
    acknowledges("18", "anybody?", 3);
    const std::string seen = screen();
    EXPECT_THAT(seen, HasSubstr("connected again as bob"));
    EXPECT_EQ(seen.find("anybody?"), seen.rfind("anybody?")) << seen;
    EXPECT_LT(seen.find("two"), seen.find("anybody?"));
    EXPECT_THAT(row(10), Not(HasSubstr("waiting")));
}

TEST_F(ScreenTest, ARefusedMessageStaysWithItsReason) {
    connects();
    joins("lobby", 0, {});
    types("hello\r");
    const ClientCommand said = onlyOrder(Kind::Say);
    number(said.tag, "1");
    take(event::Refused{
        .room = "lobby", .id = "1", .text = "you are muted", .code = "muted", .re = "say"});
    EXPECT_THAT(screen(), HasSubstr("bob │ hello"));
    EXPECT_THAT(screen(), HasSubstr("!! │ not sent: you are muted"));
    EXPECT_THAT(row(10), Not(HasSubstr("waiting")));
}

TEST_F(ScreenTest, MarksWhatIsNewSinceSomebodyLooked) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    says("alice", "seen by nobody", 1, "lobby");
    says("alice", "bob: look!", 2, "lobby");
    EXPECT_THAT(row(0), HasSubstr(" 1 lobby 2!1 "));
    types(
        "\x1b"
        "1");
    EXPECT_THAT(screen(), HasSubstr("── new since you looked ─"));
    EXPECT_LT(screen().find("new since"), screen().find("seen by nobody"));
    EXPECT_EQ(row(0), " 1 lobby  2 dev");
}

TEST_F(ScreenTest, WhoLooksAwayFindsWhatIsNew) {
    connects();
    joins("lobby", 0, {});
    types("\x1b[O");
    says("alice", "while away", 1);
    EXPECT_EQ(model_->title(), "(1) lobby - netchat");
    types("\x1b[I");
    EXPECT_EQ(model_->title(), "lobby - netchat");
    EXPECT_THAT(screen(), HasSubstr("new since you looked"));
}

TEST_F(ScreenTest, NextWithNewsGoesToMentionsFirst) {
    connects();
    for (const char* room : {"lobby", "a", "b"}) joins(room, 0, {});
    types(
        "\x1b"
        "1");
    says("alice", "hello", 1, "a");
    says("alice", "Bob?", 1, "b");
    types(
        "\x1b"
        "a");
    EXPECT_EQ(model_->state().rooms.current()->name, "b");
    types(
        "\x1b"
        "a");
    EXPECT_EQ(model_->state().rooms.current()->name, "a");
    types(
        "\x1b"
        "a");
    EXPECT_EQ(model_->state().rooms.current()->name, "a") << "there is nothing else";
}

TEST_F(ScreenTest, AMentionIsTheNickAsAWord) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    const auto mentions = [&] { return model_->state().rooms.at(0).mentions; };
    uint64_t seq = 0;
    for (const char* text : {"bobby", "kebob", "bob_", "жbob", "b o b"}) {
        says("alice", text, ++seq, "lobby");
        EXPECT_EQ(mentions(), 0u) << text;
    }
    for (const char* text : {"bob", "BOB!", "@bob, hi", "bobby or bob", "¿bob?"}) {
        const unsigned before = mentions();
        says("alice", text, ++seq, "lobby");
        EXPECT_EQ(mentions(), before + 1) << text;
    }
}

TEST_F(ScreenTest, PrivateMessagesHaveARoomOfTheirOwn) {
    connects();
    joins("lobby", 0, {"alice"});
    take(event::Private{.from = "alice", .to = "bob", .text = "psst", .user = 9});
    EXPECT_THAT(row(0), HasSubstr("2 @alice 1!"));
    types(
        "\x1b"
        "2");
    EXPECT_THAT(screen(), HasSubstr("alice │ psst"));
    types("what?\r");
    const ClientCommand told = onlyOrder(Kind::Tell);
    EXPECT_EQ(told.where, "alice");
    number(told.tag, "5");
    take(event::Private{
        .from = "bob", .to = "alice", .id = "5", .text = "what?", .user = 2, .own = true});
    EXPECT_THAT(screen(), HasSubstr("bob │ what?"));
    types("!close\r");
    EXPECT_EQ(row(0), " 1 lobby");
}

TEST_F(ScreenTest, WhatWasMeantForOneRoomIsNotSaidInAnother) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    types("a secret of dev");
    types(
        "\x1b"
        "1");
    EXPECT_EQ(row(11), ">");
    types("hello\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "hello");
    types(
        "\x1b"
        "2");
    EXPECT_EQ(row(11), "> a secret of dev");
}

TEST_F(ScreenTest, APasteIsOneMessageAndNeverACommand) {
    connects();
    joins("lobby", 0, {});
    pastes("!exit\r\nsecond\r\n\tthird\r\n");
    EXPECT_TRUE(orders().empty()) << "nothing is said before Enter";
    EXPECT_THAT(row(9), HasSubstr("!exit"));
    EXPECT_THAT(screen(), HasSubstr("3 lines, one message"));
    types("\r");
    const auto all = orders();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].kind, Kind::Say);
    EXPECT_EQ(all[0].text, "!exit\nsecond\n\tthird");
    EXPECT_FALSE(model_->takeEffects().quit);
}

TEST_F(ScreenTest, APastedLineThatLooksLikeACommandIsSaid) {
    connects();
    joins("lobby", 0, {});
    pastes("!upload /etc/passwd\n");
    EXPECT_THAT(row(10), HasSubstr("pasted: sent as text"));
    types("\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "!upload /etc/passwd");
}

TEST_F(ScreenTest, ATypedCommandMayHaveAPastedArgument) {
    connects();
    joins("lobby", 0, {});
    types("!upload ");
    pastes("/tmp/a b.txt\n");
    types("\r");
    EXPECT_EQ(onlyOrder(Kind::Upload).text, "/tmp/a b.txt");
}

TEST_F(ScreenTest, MetaEnterIsANewLineInTheMessage) {
    connects();
    joins("lobby", 0, {});
    types("one\x1b\rtwo\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "one\ntwo");
    EXPECT_THAT(screen(), HasSubstr("bob │ one"));
    EXPECT_THAT(screen(), HasSubstr("    │ two"));
}

TEST_F(ScreenTest, EscapeAndAKeyWithinASecondAreMeta) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    types("\x1b");
    passes(900);
    types("1");
    EXPECT_EQ(model_->title(), "lobby - netchat");
    types("one\x1b");
    passes(500);
    types("\r");
    types("two\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "one\ntwo");
    types("\x1b");
    passes(1'000);
    types("2");
    EXPECT_EQ(row(11), "> 2") << "it was too late";
}

TEST_F(ScreenTest, AnEscapeThatDidSomethingIsNoMeta) {
    connects();
    joins("lobby", 0, {});
    types("!help\r");
    types("\x1b");
    types("a");
    EXPECT_EQ(row(11), "> a");
    types("\x12");
    types("\x1b");
    types("b");
    EXPECT_EQ(row(11), "> ab");
}

TEST_F(ScreenTest, TheWheelScrollsAndNeverWalksWhatWasTyped) {
    connects();
    joins("lobby", 0, {});
    for (uint64_t seq = 1; seq <= 40; ++seq) says("alice", "old" + std::to_string(seq), seq);
    types("said before\r");
    types("half");
    const Grid before = grid();
    types("\x1b[<64;10;5M");
    EXPECT_EQ(row(9), row(before, 6)) << "three rows";
    EXPECT_EQ(row(11), "> half");
    types("\x1b[<64;10;5M\x1b[<65;10;5M\x1b[<65;10;5M");
    EXPECT_EQ(row(9), row(before, 9));
    types("\x1b[<65;10;5M");
    EXPECT_EQ(row(11), "> half");
    EXPECT_THAT(row(10), Not(HasSubstr("more below")));
}

TEST_F(ScreenTest, TheWheelMovesInTheHelp) {
    resize(80, 12);
    types("!help\r");
    const std::string second = row(1), fifth = row(4);
    EXPECT_NE(second, fifth);
    types("\x1b[<65;1;1M");
    EXPECT_EQ(row(1), fifth);
    types("\x1b[<64;1;1M");
    EXPECT_EQ(row(1), second);
}

TEST_F(ScreenTest, SaysThatAPasteIsComing) {
    model_->setPaste(Keyboard::Paste::Coming);
    EXPECT_THAT(row(10), HasSubstr("pasting"));
    model_->setPaste(Keyboard::Paste::Doubted);
    EXPECT_THAT(row(10), HasSubstr("incomplete paste"));
    model_->setPaste(Keyboard::Paste::None);
    EXPECT_THAT(row(10), Not(HasSubstr("past")));
}

TEST_F(ScreenTest, ControlCClearsTheLineAndNeverQuits) {
    connects();
    joins("lobby", 0, {});
    types("half a word\x03");
    EXPECT_EQ(row(11), ">");
    types("\x03\x03");
    EXPECT_FALSE(model_->takeEffects().quit);
}

TEST_F(ScreenTest, HelpIsOneScreenOfEightyByTwentyFour) {
    resize(80, 24);
    connects();
    joins("lobby", 0, {});
    types("!help\r");
    const std::string help = screen();
    EXPECT_THAT(help, HasSubstr("!upload FILE"));
    EXPECT_THAT(help, HasSubstr("M-Left M-Right"));
    EXPECT_THAT(help, Not(HasSubstr("PgDn: more")));
    for (const HelpLine& line : helpLines(Face::Screen)) {
        const auto name = line.usage.substr(0, line.usage.find_first_of(" \t"));
        EXPECT_THAT(help, HasSubstr(std::string(name)));
    }
    types("x");
    EXPECT_THAT(screen(), Not(HasSubstr("M-Left M-Right")));
    EXPECT_EQ(row(23), "> x");
}

TEST_F(ScreenTest, ALineThatIsNoCommandIsToldWhatWouldBe) {
    connects();
    joins("lobby", 0, {});
    types("!serch words\r");
    EXPECT_THAT(screen(), HasSubstr("unknown command '!serch'; did you mean !search?"));
    types("!join two rooms\r");
    EXPECT_THAT(screen(), HasSubstr("usage: !join ROOM"));
    types("!search\r");
    EXPECT_THAT(screen(), HasSubstr("usage: !search WORDS"));
    EXPECT_TRUE(orders().empty());
}

// Who comes from IRC means a command by it, and a room is no place for what is meant for one.
TEST_F(ScreenTest, AStrokeIsNotSaidToTheRoom) {
    connects();
    joins("lobby", 0, {"carol"});
    types("/msg carol secret\r");
    const ClientCommand tell = onlyOrder(Kind::Tell);
    EXPECT_EQ(tell.where, "carol");
    EXPECT_EQ(tell.text, "secret");
    types(
        "\x1b"
        "1/frob x\r");
    EXPECT_TRUE(orders().empty());
    EXPECT_THAT(screen(), HasSubstr("/frob x is not a command"));
    EXPECT_EQ(row(11), "> /frob x") << "Enter again says it";
    types("\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "/frob x");
    types("/me waves\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "* bob waves");
    types("//x\r");
    EXPECT_EQ(onlyOrder(Kind::Say).text, "/x");
}

TEST_F(ScreenTest, ALargeFileAsksFirst) {
    connects();
    joins("lobby", 0, {"alice"});
    const std::string hash(64, 'a');
    take(event::File{.room = "lobby",
                     .from = "alice",
                     .name = "big.iso",
                     .sha256 = hash,
                     .seq = 1,
                     .size = 2'000'000'000,
                     .time = kNoonMs});
    EXPECT_THAT(row(9), HasSubstr("M-g fetches big.iso (1.8 GiB) from alice"));
    EXPECT_TRUE(orders().empty());
    types("\x1bg");
    const ClientCommand get = onlyOrder(Kind::Get);
    EXPECT_EQ(get.text, hash);
    EXPECT_EQ(get.name, "big.iso");
    EXPECT_EQ(get.number, 2'000'000'000u);
    EXPECT_THAT(screen(), Not(HasSubstr("M-g fetches")));
}

TEST_F(ScreenTest, AFileThatIsAskedAboutCanBeLeft) {
    connects();
    joins("lobby", 0, {"alice", "eve"});
    uint64_t seq = 0;
    const auto drops = [&](std::string_view from, std::string_view name) {
        const std::string hash(64, static_cast<char>('a' + ++seq));
        take(event::File{.room = "lobby",
                         .from = from,
                         .name = name,
                         .sha256 = hash,
                         .seq = seq,
                         .size = 2'000'000'000,
                         .time = kNoonMs});
    };
    drops("alice", "one.iso");
    drops("eve", "two.iso");
    drops("alice", "three.iso");
    types("!cancel one.iso\r");
    EXPECT_THAT(row(9), HasSubstr("M-g fetches three.iso"));
    types("!cancel\r");
    EXPECT_THAT(row(9), HasSubstr("M-g fetches two.iso (1.8 GiB) from eve, !cancel leaves it"));
    types("!ignore EVE\r");
    EXPECT_THAT(screen(), Not(HasSubstr("M-g fetches")));
    types("!cancel\r");
    EXPECT_THAT(screen(), HasSubstr("no transfers in progress"));
    types("!get one.iso\r");
    EXPECT_EQ(onlyOrder(Kind::Get).name, "one.iso");
}

TEST_F(ScreenTest, WhoIsIgnoredIsFollowedFromNickToNickButNotForEver) {
    connects();
    joins("lobby", 0, {"eve0", "a friend"});
    types("!ignore a friend\r!ignore eve0\r");
    EXPECT_EQ(orders().size(), 2u);
    constexpr size_t kFollowedMax = 998;  // beside those two
    for (size_t i = 0; i < kFollowedMax + 50; ++i) {
        const std::string was = "eve" + std::to_string(i), nick = "eve" + std::to_string(i + 1);
        take(event::Presence{
            .room = "lobby", .nick = nick, .was = was, .state = "renamed", .user = 7});
    }
    EXPECT_EQ(orders().size(), kFollowedMax);
    types("!ignore carol\r");
    EXPECT_THAT(screen(), HasSubstr("you already ignore too many users"));
    EXPECT_TRUE(orders().empty());
}

TEST_F(ScreenTest, OneNickInTwoCasesIsOnePerson) {
    connects();
    joins("lobby", 0, {"Carl", "Émile"});
    types("!ignore CARL\r");
    EXPECT_THAT(screen(), HasSubstr("what Carl says from now on is not shown"));
    EXPECT_EQ(onlyOrder(Kind::Ignore).where, "Carl");
    says("Carl", "unseen", 1);
    EXPECT_THAT(screen(), Not(HasSubstr("unseen")));
    types("!unignore carl\r");
    EXPECT_THAT(screen(), HasSubstr("is no longer ignored"));
    says("Carl", "seen again", 2);
    EXPECT_THAT(screen(), HasSubstr("seen again"));
    types("!ignore nosuch\r");
    EXPECT_THAT(screen(), HasSubstr("nobody here is called nosuch; ignored from now on"));
    types("!msg ÉMILE hello\r");
    EXPECT_EQ(onlyOrder(Kind::Tell).where, "Émile");
    EXPECT_THAT(row(0), HasSubstr("@Émile"));
    types("!msg CARL hello\r!msg carl again\r");
    EXPECT_EQ(model_->state().rooms.size(), 3u);
}

// What was told before the room was entered stands where it is read, below the room's history.
TEST_F(ScreenTest, WhatIsToldAtTheStartIsNotAboveTheHistory) {
    model_->trouble("this terminal is not known", now_);
    Delivery met = Remark{Level::Note, "met the server for the first time"};
    model_->take(met, now_);
    connects();
    joins("lobby", 200, {"alice"});
    sendsPage(onlyOrder(Kind::History));
    const std::string seen = screen();
    EXPECT_THAT(seen, HasSubstr("m200"));
    EXPECT_THAT(seen, HasSubstr("this terminal is not known"));
    EXPECT_THAT(seen, HasSubstr("met the server for the first time"));
    EXPECT_LT(seen.find("m200"), seen.find("this terminal"));
    says("alice", "next", 201);
    EXPECT_GT(screen().find("next"), screen().find("for the first time"));
}

TEST_F(ScreenTest, RoomsAreReachedByTheNumbersOfTheBar) {
    connects();
    joins("lobby", 0, {});
    for (int i = 2; i <= 29; ++i) joins("r" + std::to_string(i), 0, {});
    const auto shown = [&] { return model_->state().rooms.current()->name; };
    types("!room 12\r");
    EXPECT_EQ(shown(), "r12");
    types("/buffer 28\r");
    EXPECT_EQ(shown(), "r28");
    types("!room lobby\r");
    EXPECT_EQ(shown(), "lobby");
    types("!room 30\r");
    EXPECT_EQ(shown(), "lobby");
    EXPECT_THAT(screen(), HasSubstr("there is no room 30; the last one is 29"));
    types("!room nosuch\r");
    EXPECT_THAT(screen(), HasSubstr("there is no room 'nosuch' in the bar"));
    types("\x1bj29");
    EXPECT_EQ(shown(), "r29");
    types("\x1bj03");
    EXPECT_EQ(shown(), "r3");
    types("\x1bj4\r");
    EXPECT_EQ(shown(), "r4");
    types("\x1bjx5");
    EXPECT_EQ(shown(), "r4");
    EXPECT_EQ(row(11), "> x5") << "that was no number";
}

TEST_F(ScreenTest, SetListsWhatThereIs) {
    connects();
    joins("lobby", 0, {});
    resize(120, 40);
    types("!set color\r");
    EXPECT_THAT(screen(), HasSubstr("bar-current"));
    types("!set key\r");
    EXPECT_THAT(screen(), HasSubstr("first-unread (M-u)"));
    types("!set\r");
    EXPECT_THAT(screen(), HasSubstr("!set color and !set key list what else there is"));
    types("!set key.\r!set downloads ~/in\r!set history 20\r!set mouse off\r");
    std::vector<std::string> kept;
    for (const UiEffects::Kept& setting : model_->takeEffects().kept) {
        kept.push_back(setting.name + "=" + setting.value.value_or(""));
    }
    EXPECT_THAT(kept, ::testing::ElementsAre("downloads=/home/bob/in", "history=20", "mouse=off"));
    types("!set history many\r");
    EXPECT_THAT(screen(), HasSubstr("history must be 0 to "));
    types("!set mouse sideways\r");
    EXPECT_THAT(screen(), HasSubstr("mouse must be on or off, not 'sideways'"));
    types("!set auto-download much\r");
    EXPECT_THAT(screen(), HasSubstr("auto-download must be a size such as 64MiB"));
}

TEST_F(ScreenTest, ATransferIsSeenAndLeavesALine) {
    connects();
    joins("lobby", 0, {"alice"});
    const std::string hash(64, 'a');
    const auto moves = [&](uint64_t done) {
        client::Transfer transfer;
        transfer.sha256 = hash;
        transfer.name = "photo.jpg";
        transfer.done = done;
        transfer.size = 48 << 20;
        transfer.state = client::Transfer::State::Moving;
        Delivery now = TransfersNow{{transfer}};
        model_->take(now, now_);
    };
    for (uint64_t i = 0; i <= 20; ++i) {
        moves(i << 20);
        passes(250);
    }
    EXPECT_THAT(row(9), testing::ContainsRegex("^↓ photo.jpg 41% \\[.*\\] 20.0/48.0 MiB 4.0 MiB/s "
                                               "ETA 0:07"));
    take(event::FileReceived{.room = "lobby",
                             .from = "alice",
                             .name = "photo.jpg",
                             .path = "./photo.jpg",
                             .sha256 = hash,
                             .size = 48 << 20});
    Delivery none = TransfersNow{};
    model_->take(none, now_);
    EXPECT_THAT(screen(), HasSubstr("-- │ received photo.jpg (48.0 MiB) in 0:05"));
    EXPECT_THAT(screen(), HasSubstr("./photo.jpg"));
    EXPECT_THAT(screen(), Not(HasSubstr("41%")));
}

TEST_F(ScreenTest, WhoIsIgnoredIsNotSeenAndLeavesNoHole) {
    connects();
    joins("lobby", 0, {"mallory"});
    types("!ignore mallory\r");
    orders();
    says("mallory", "spam", 1);
    says("alice", "hello", 2);
    take(event::Private{.from = "mallory", .to = "bob", .text = "spam"});
    EXPECT_THAT(screen(), Not(HasSubstr("spam")));
    EXPECT_THAT(screen(), Not(HasSubstr("more entr")));
    EXPECT_EQ(row(0), " 1 lobby");
    types("!unignore mallory\r");
    says("mallory", "sorry", 3);
    EXPECT_THAT(screen(), HasSubstr("sorry"));
}

TEST_F(ScreenTest, WhatTheTerminalMissedIsFetchedWhereSomebodyLooks) {
    connects();
    joins("lobby", 0, {});
    says("alice", "one", 1);
    Delivery missed = Missed{"lobby", 3000};
    model_->take(missed, now_);
    says("alice", "after", 3001);
    EXPECT_THAT(screen(), HasSubstr("2999 more entries"));
    const ClientCommand page = onlyOrder(Kind::History);
    EXPECT_EQ(page.number, 3001u);
    sendsPage(page);
    EXPECT_THAT(screen(), HasSubstr("alice │ m3000"));
}

TEST_F(ScreenTest, AHostileTextStaysInItsCells) {
    connects();
    joins("lobby", 0, {});
    says("mallory\x1b[31m",
         "\x1b]52;c;aGk=\x07\xc2\x9b\x9b"
         "2J\r\u202E\u200B\U000E0041end",
         1);
    for (const Grid shown = grid(); const std::string part : {"\x1b", "\x07",
                                                              "\x9b"
                                                              "2",
                                                              "\r"}) {
        for (int y = 0; y < shown.height(); ++y) {
            EXPECT_THAT(row(shown, y), Not(HasSubstr(part)));
        }
    }
    EXPECT_THAT(screen(), HasSubstr("end"));
}

TEST_F(ScreenTest, TabCompletesWhoSpokeLastFirst) {
    connects();
    joins("lobby", 0, {"alan", "alice", "albert"});
    says("albert", "hi", 1);
    types("al\t\r");
    EXPECT_THAT(onlyOrder(Kind::Say).text, HasSubstr("al"));
    types("ali\t");
    EXPECT_EQ(row(11), "> alice:");
}

TEST_F(ScreenTest, TabCompletesPathsAfterUpload) {
    folders_.all["/home/bob/"] = {"pictures/", "photo.jpg"};
    connects();
    joins("lobby", 0, {});
    types("!upload ~/ph\t");
    EXPECT_EQ(row(11), "> !upload ~/photo.jpg");
}

TEST_F(ScreenTest, LeavesWhenAllIsSent) {
    connects();
    joins("lobby", 0, {});
    types("last words\r!exit\r");
    const auto all = orders();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1].kind, Kind::Bye);
    EXPECT_THAT(row(10), HasSubstr("leaving"));
    EXPECT_FALSE(model_->takeEffects().quit);
    take(event::Disconnected{});
    EXPECT_TRUE(model_->takeEffects().quit);
}

TEST_F(ScreenTest, WhoDoesNotWantToWaitExitsTwice) {
    connects();
    joins("lobby", 0, {});
    take(event::Reconnecting{.text = "gone", .code = "lost", .attempt = 1});
    types("never sent\r!exit\r");
    EXPECT_FALSE(model_->takeEffects().quit);
    types("!exit\r");
    const UiEffects effects = model_->takeEffects();
    EXPECT_TRUE(effects.quit);
    EXPECT_THAT(effects.last, HasSubstr("1 of your messages may not have arrived"));
}

TEST_F(ScreenTest, AServerThatIsLostForGoodLeavesTheScreen) {
    connects();
    joins("lobby", 0, {});
    take(event::Disconnected{.text = "you are banned", .code = "banned"});
    EXPECT_FALSE(model_->takeEffects().quit);
    EXPECT_THAT(screen(), HasSubstr("lost the server 127.0.0.1:6121: you are banned;"));
    EXPECT_THAT(screen(), HasSubstr("tries again, !exit leaves"));
    types("hello?\r");
    EXPECT_TRUE(orders().empty());
    EXPECT_EQ(row(11), "> hello?") << "it is kept";
    types("\x03!reconnect\r");
    EXPECT_EQ(onlyOrder(Kind::Reconnect).kind, Kind::Reconnect);
}

TEST_F(ScreenTest, AServerThatCannotBeReachedIsSaidWhenTheScreenIsGone) {
    take(event::Disconnected{.text = "cannot reach 127.0.0.1:6121: Connection refused",
                             .code = "unreachable"});
    const UiEffects effects = model_->takeEffects();
    EXPECT_TRUE(effects.quit);
    EXPECT_THAT(effects.last, HasSubstr("Connection refused"));
}

TEST_F(ScreenTest, WorksAtEverySize) {
    connects();
    joins("lobby", 300, {"alice", "\u65E5\u672C\u8A9E"});
    joins("dev", 0, {});
    types(
        "\x1b"
        "1");
    sendsPage(onlyOrder(Kind::History));
    says("alice", std::string(500, 'x') + " \U0001F468\u200D\U0001F469\u200D\U0001F467 end", 301);
    types("a long line that is typed and wrapped, since the screen is small");
    for (int height = 0; height <= 30; ++height) {
        for (int width = 0; width <= 90; ++width) {
            resize(width, height);
            const Grid shown = grid();
            ASSERT_EQ(shown.width(), width);
            ASSERT_EQ(shown.height(), height);
            if (shown.cursor) {
                ASSERT_LT(shown.cursor->x, std::max(1, width));
                ASSERT_LT(shown.cursor->y, std::max(1, height));
            }
        }
    }
    resize(20, 4);
    EXPECT_THAT(row(0), HasSubstr("1 lobby"));
    EXPECT_THAT(row(2), HasSubstr("connected"));
    EXPECT_THAT(row(3), Not(testing::IsEmpty()));
}

TEST_F(ScreenTest, IsReadableAtTwentyByFour) {
    resize(20, 4);
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", "hello", 1);
    types("hi");
    EXPECT_EQ(screen(), R"(
 1 lobby
alice: hello
 connected
> hi)");
}

TEST_F(ScreenTest, ADayBeginsWithItsDate) {
    connects();
    joins("lobby", 0, {});
    take(event::Message{.room = "lobby",
                        .from = "alice",
                        .text = "yesterday",
                        .seq = 1,
                        .time = kNoonMs - 86'400'000});
    says("alice", "today", 2);
    EXPECT_THAT(screen(), HasSubstr("── Sunday, 22 November 2026 ─"));
    EXPECT_THAT(screen(), HasSubstr("── Monday, 23 November 2026 ─"));
}

TEST_F(ScreenTest, ALogThatBeganAnewIsSaid) {
    connects();
    joins("lobby", 0, {});
    for (uint64_t seq = 1; seq <= 5; ++seq) says("alice", "old", seq);
    take(event::Reconnecting{.text = "gone", .code = "lost", .attempt = 1});
    take(event::Connected{.nick = "bob", .user = 2, .again = true});
    joins("lobby", 2, {});
    EXPECT_THAT(screen(), HasSubstr("the room started again"));
    says("alice", "new", 3);
    EXPECT_THAT(screen(), HasSubstr("alice │ new"));
}

}  // namespace
}  // namespace netchat::connect
