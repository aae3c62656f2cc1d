#pragma once

// Somebody at a screen without a terminal and a server: events and keys in, rows of text out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "modes/connect/screen/input/key_decoder.h"
#include "modes/connect/screen/model.h"
#include "modes/connect/screen/render.h"

namespace netchat::connect {

namespace event = client::event;

// Folders that are in the test only.
class FakeFolders : public Folders {
  public:
    std::vector<std::string> entries(std::string_view folder) const override {
        const auto found = all.find(folder);
        return found == all.end() ? std::vector<std::string>{} : found->second;
    }
    std::map<std::string, std::vector<std::string>, std::less<>> all;
};

class ScreenTest : public ::testing::Test {
  protected:
    // 2026-11-23 14:36:00 UTC.
    static constexpr int64_t kNoonMs = 1'795'444'560'000;

    ScreenTest() : ScreenTest(ScreenState::Options{}) {}
    explicit ScreenTest(ScreenState::Options options) {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
        options.server = "127.0.0.1:6121";
        if (options.nick.empty()) options.nick = "bob";
        if (options.home.empty()) options.home = "/home/bob";
        if (options.historyEntries == 0) options.historyEntries = 50;
        model_.emplace(options, "lobby", folders_);
        resize(80, 12);
    }

    void TearDown() override { EXPECT_EQ(model_->state().rooms.checkInvariants(), ""); }

    // ---- what the server does
    void take(const client::Event& event) { model_->take(event, now_); }
    void connects(std::string_view nick = "bob") {
        take(event::Connected{.nick = nick, .user = 2});
    }
    // A room that is not there yet was asked for by somebody.
    void joins(std::string_view room, uint64_t seq, const std::vector<std::string>& people) {
        bool known = false;
        for (size_t i = 0; i < model_->state().rooms.size(); ++i) {
            known = known || model_->state().rooms.at(i).name == room;
        }
        if (!known) types("!join " + std::string(room) + "\r");
        std::vector<v2::Member> members{{.nick = "bob", .user = 2}};
        for (const auto& nick : people) members.push_back({.nick = nick, .user = 9});
        take(event::Joined{.room = room, .seq = seq, .members = members.size(), .roster = members});
    }
    void says(std::string_view from, std::string_view text, uint64_t seq,
              std::string_view room = "lobby") {
        take(event::Message{
            .room = room, .from = from, .text = text, .user = 9, .seq = seq, .time = kNoonMs});
    }
    // One's own, as the log gives it back.
    void acknowledges(std::string_view id, std::string_view text, uint64_t seq,
                      std::string_view room = "lobby") {
        take(event::Message{.room = room,
                            .from = "bob",
                            .id = id,
                            .text = text,
                            .user = 2,
                            .seq = seq,
                            .time = kNoonMs,
                            .own = true});
    }
    void number(uint64_t tag, std::string id) {
        Delivery delivery = Numbered{tag, std::move(id)};
        model_->take(delivery, now_);
    }
    // The page that the screen asked for, of texts "m1", "m2" and so on.
    void sendsPage(const ClientCommand& order) {
        ASSERT_GT(order.number, 1u) << "nothing was asked for";
        const uint64_t last = order.number - 1;
        const uint64_t first = last > order.count ? last - order.count + 1 : 1;
        take(event::HistoryPage{
            .room = order.where, .first = first, .last = last, .more = first > 1});
        for (uint64_t seq = first; seq <= last; ++seq) {
            const std::string text = "m" + std::to_string(seq);
            take(event::Message{.room = order.where,
                                .from = "alice",
                                .text = text,
                                .user = 9,
                                .seq = seq,
                                .time = kNoonMs,
                                .history = true});
        }
        take(event::HistoryEnd{.room = order.where});
    }

    // ---- what somebody does
    // Bytes as a terminal sends them: "hello\r", "\x1b[5~".
    void types(std::string_view bytes) {
        std::vector<Key> keys;
        decoder_.feed(bytes, keys);
        decoder_.flush(keys);
        for (const Key& key : keys) model_->key(key, now_);
    }
    void pastes(std::string_view text) { types("\x1b[200~" + std::string(text) + "\x1b[201~"); }
    void resize(int width, int height) { model_->resize(width, height); }
    void passes(int64_t ms) {
        now_.monoMs += ms;
        now_.wallMs += ms;
    }

    // ---- what is seen
    Grid grid() {
        model_->beforeFrame(now_);
        return render(model_->state(), Theme(false));
    }
    // Without the blanks at the rows' ends, each row after a newline.
    std::string screen() {
        const Grid shown = grid();
        std::string text;
        for (int y = 0; y < shown.height(); ++y) text += "\n" + row(shown, y);
        return text;
    }
    std::string row(int y) { return row(grid(), y); }
    static std::string row(const Grid& shown, int y) {
        std::string text;
        for (int x = 0; x < shown.width(); ++x) text += shown.at(x, y).text;
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }
    // Orders since the last call, those of the frame included.
    std::vector<ClientCommand> orders() {
        model_->beforeFrame(now_);
        return model_->takeOrders();
    }
    ClientCommand onlyOrder(ClientCommand::Kind kind) {
        for (ClientCommand& order : orders()) {
            if (order.kind == kind) return order;
        }
        ADD_FAILURE() << "there is no such order";
        return {kind};
    }

    FakeFolders folders_;
    std::optional<Model> model_;
    KeyDecoder decoder_;
    Moment now_{kNoonMs, 1'000'000};
};

}  // namespace netchat::connect
