// What each command does on the screen.

#include <algorithm>
#include <utility>

#include "modes/connect/command_line.h"
#include "modes/connect/command_table.h"
#include "modes/connect/formatter.h"
#include "modes/connect/ignoring.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/screen/layout.h"
#include "modes/connect/wording.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr int kListColumns = 120;  // of lists that are lines of the scrollback

}  // namespace

// One overload for each command. It lives for one line.
class InputHandler::Commands {
  public:
    Commands(InputHandler& input, const Moment& now)
        : input_(input), state_(input.state_), reducer_(input.reducer_), now_(now) {}

    void operator()(const command::Nothing&) {}

    void operator()(const command::Ask& ask) { trouble(ask.question); }

    void operator()(const command::Wrong& line) { trouble(line.why); }

    void operator()(const command::Help&) {
        state_.helpShown = true;
        state_.helpTop = 0;
    }

    // What is on its way is waited for; who asks twice does not want to wait.
    void operator()(const command::Exit&) {
        using Connection = ScreenState::Connection;
        const bool connected = state_.connection == Connection::Connected;
        const bool waiting = reducer_.pending() > 0 || state_.transfers.uploading();
        const bool again = state_.connection == Connection::Leaving;
        if (again || state_.connection == Connection::Ended || (!connected && !waiting)) {
            state_.effects.quit = true;
            if (reducer_.pending() > 0) {
                state_.effects.last =
                    std::to_string(reducer_.pending()) + " of your messages may not have arrived";
            }
            return;
        }
        state_.connection = Connection::Leaving;
        if (waiting) note("leaving when all is sent; !exit again leaves now");
        order({.kind = ClientCommand::Kind::Bye});
    }

    void operator()(const command::Reconnect&) {
        using Connection = ScreenState::Connection;
        if (state_.connection != Connection::Away && state_.connection != Connection::Ended) {
            return note("you are already connected");
        }
        state_.connection = Connection::Away;
        state_.retryAtMs = now_.monoMs;
        order({.kind = ClientCommand::Kind::Reconnect});
    }

    void operator()(const command::Set& set) { input_.set(set.name, set.value, now_); }

    void operator()(const command::Unset& unset) { input_.unset(unset.name, now_); }

    // ---- saying

    void operator()(const command::Say& said) { say(said.text); }

    void operator()(const command::Me& me) { say(actionText(state_.nick, me.what)); }

    void operator()(const command::Msg& msg) {
        const std::string nick = nickMeant(msg.nick);
        if (nick.starts_with('#') && !isKnown(nick)) {
            const std::string room = forLog(std::string_view(nick).substr(1));
            return trouble("not sent: " + inQuotes(nick) + " is a room, not a person; !join " +
                           room + " goes there");
        }
        if (const Status good = checkNick(nick); !good) {
            return trouble("not sent: " + good.error().text);
        }
        RoomView& room = state_.rooms.open(RoomView::Kind::Private, nick);
        if (msg.goes || msg.text.empty()) state_.rooms.show(room);
        if (msg.text.empty()) return;
        const uint64_t tag = reducer_.addPending(room, msg.text, now_);
        order({.kind = ClientCommand::Kind::Tell, .where = nick, .text = msg.text, .tag = tag});
    }

    void operator()(const command::Nick& nick) {
        order({.kind = ClientCommand::Kind::Nick, .text = nick.nick});
    }

    // ---- files

    void operator()(const command::Upload& upload) {
        RoomView* room = input_.publicRoom({}, now_);
        if (room == nullptr) return;
        const std::string file = withHome(upload.paths, state_.options.home);
        const size_t name = file.rfind('/') == std::string::npos ? 0 : file.rfind('/') + 1;
        state_.rememberPath(safeFileName(file.substr(name)), file);
        order({.kind = ClientCommand::Kind::Upload,
               .where = room->name,
               .text = file,
               .name = state_.options.home});
    }

    void operator()(const command::Files&) {
        const auto files = state_.files.all();
        if (files.empty()) return note("no files were sent since you joined");
        std::string list = "the files sent so far:";
        for (const std::string& line : fileLines(files)) list += "\n" + line;
        note(list);
    }

    void operator()(const command::Get& get) {
        KnownFile* file = state_.files.find(get.file);
        if (file == nullptr) return trouble(noFileText(get.file));
        input_.fetch(*file, now_);
    }

    void operator()(const command::Transfers&) {
        if (state_.transfers.empty()) return note(std::string(kNoTransfers));
        std::string list = "transfers in progress (!cancel NUMBER cancels one):";
        for (const std::string& line : state_.transfers.lines(kListColumns, now_.monoMs)) {
            list += "\n" + line;
        }
        note(list);
    }

    void operator()(const command::Cancel& cancel) {
        const std::string& which = cancel.transfer;
        const auto transfer = state_.transfers.find(which);
        if (!transfer && input_.decline(which, now_)) return;
        if (!transfer) {
            return trouble(state_.transfers.empty() ? std::string(kNoTransfers)
                           : which.empty()          ? std::string(kSeveralTransfers)
                                                    : noTransferText(which));
        }
        order({.kind = ClientCommand::Kind::Cancel, .text = transfer->key, .name = transfer->name});
    }

    void operator()(const command::Preview& preview) {
        const std::string& which = preview.file;
        std::string path = knownPath(which);
        const KnownFile* const file = path.empty() ? state_.files.find(which) : nullptr;
        if (file != nullptr) path = knownPath(file->name);
        if (file != nullptr && path.empty()) {
            return trouble(forLog(file->name) + " is not here; !get fetches it");
        }
        if (path.empty() && which.empty()) {
            return trouble("no file has arrived yet; !preview FILE shows a file of yours");
        }
        if (path.empty()) path = withHome(which, state_.options.home);
        const RoomView& room = *state_.rooms.current();
        state_.effects.previews.push_back({path, path.substr(path.rfind('/') + 1), room.name,
                                           room.kind == RoomView::Kind::Private});
    }

    // ---- rooms

    void operator()(const command::Join& join) {
        const std::string name(roomMeant(join.room));
        if (name.empty()) return (*this)(command::Msg{.nick = join.room, .goes = true});
        RoomView* room = state_.rooms.find(RoomView::Kind::Public, name);
        if (room != nullptr && room->state == RoomView::State::Joined) {
            return state_.rooms.show(*room);
        }
        if (const Status good = checkRoom(name); !good) return trouble(good.error().text);
        // At once, so that what is typed from now on is for this room, however long it takes.
        RoomView& entered = state_.rooms.open(RoomView::Kind::Public, name);
        entered.state = RoomView::State::Joining;
        state_.rooms.show(entered);
        order({.kind = ClientCommand::Kind::Join, .where = name});
    }

    // By its number in the bar, or else by its name there, "@bob" of a private talk.
    void operator()(const command::Room& which) {
        const bool number = which.room.find_first_not_of("0123456789") == std::string::npos;
        if (number) return input_.showNumbered(which.room, now_);
        for (size_t i = 0; i < state_.rooms.size(); ++i) {
            const RoomView& room = state_.rooms.at(i);
            if (RoomView::shownName(room.kind, room.name) == which.room) {
                return state_.rooms.show(i);
            }
        }
        trouble("there is no room " + inQuotes(which.room) + " in the bar; !join joins one");
    }

    void operator()(const command::Leave& leave) {
        RoomView* current = state_.rooms.current();
        const bool isPrivate = current->kind == RoomView::Kind::Private;
        if (leave.room.empty() && (isPrivate || current->state == RoomView::State::Left)) {
            return (*this)(command::Close{});
        }
        RoomView* room = input_.publicRoom(leave.room, now_);
        if (room == nullptr) return;
        room->state = RoomView::State::Leaving;
        order({.kind = ClientCommand::Kind::Leave, .where = room->name});
    }

    void operator()(const command::Close&) {
        const RoomView& room = *state_.rooms.current();
        const bool open =
            room.kind == RoomView::Kind::Public && room.state != RoomView::State::Left;
        if (open) return (*this)(command::Leave{});
        if (state_.rooms.size() == 1) {
            return trouble("this is the last room; !join ROOM joins another, !exit leaves");
        }
        state_.rooms.close(room);
    }

    void operator()(const command::Rooms&) { order({.kind = ClientCommand::Kind::Rooms}); }

    // Also of a room that one is not in.
    void operator()(const command::Who& who) {
        const std::string where(who.room.starts_with("#@") ? roomMeant(who.room) : who.room);
        RoomView* const room = where.empty() ? input_.publicRoom({}, now_)
                                             : state_.rooms.find(RoomView::Kind::Public, where);
        if (room == nullptr && where.empty()) return;
        if (room != nullptr) room->whoAsked.push_back(true);
        order({.kind = ClientCommand::Kind::Who, .where = room != nullptr ? room->name : where});
    }

    void operator()(const command::Roster&) { input_.turnRoster(); }

    void operator()(const command::Quiet& quiet) { input_.quiet(quiet.room, now_); }

    void operator()(const command::History&) {
        RoomView& room = *state_.rooms.current();
        const Area messages = areasOf(state_).messages;
        room.wantsHistory = true;
        scroll(room, messages, -std::max(1, messages.height - 1), now_.wallMs);
    }

    void operator()(const command::Search& search) {
        RoomView& room = *state_.rooms.current();
        Finding& finding = state_.finding;
        const std::string& words = search.words;
        const std::string again = finding.words.empty() ? finding.lastWords : finding.words;
        if (words.empty() && again.empty()) return trouble(std::string(kSearchNeedsWords));
        const bool on = words.empty() && finding.isIn(room);
        if (words.size() > Finding::kWordsBytesMax) {
            return trouble("a search can have at most 256 bytes");
        }
        if (!on) {
            input_.beginFinding(room);
            room.toEnd();
            finding.words = words.empty() ? again : words;
            finding.sought = SoughtWords(finding.words);
        }
        finding.state = Finding::State::Shown;
        input_.findOlder(room, true, now_);
    }

    // ---- people

    void operator()(const command::Ignore& ignore) {
        if (ignore.nick.empty()) return listIgnored();
        const std::string known = spelled(ignore.nick);
        const std::string& nick = known.empty() ? ignore.nick : known;
        const Status good = checkIgnored(nick, state_.ignored.size());
        if (!good) return trouble(good.error().text);
        state_.ignored.insert(nick);
        order({.kind = ClientCommand::Kind::Ignore, .where = nick});
        input_.dropOffersOf(nick);
        note(known.empty() ? "nobody here is called " + forLog(nick) + "; ignored from now on"
                           : "what " + forLog(nick) +
                                 " says from now on is not shown; !unignore shows it again");
    }

    void operator()(const command::Unignore& unignore) {
        const std::string& nick = unignore.nick;
        if (state_.ignored.erase(nick) == 0) return trouble(inQuotes(nick) + " is not ignored");
        order({.kind = ClientCommand::Kind::Unignore, .where = nick});
        note(forLog(nick) + " is no longer ignored");
    }

    void operator()(const command::Operate& operate) {
        order({.kind = ClientCommand::Kind::Operate,
               .where = operate.target,
               .text = operate.reason,
               .name = std::string(operate.act),
               .count = operate.seconds});
    }

  private:
    void note(const std::string& text) { reducer_.note(text, now_); }
    void trouble(const std::string& text) { reducer_.trouble(text, now_); }
    void order(ClientCommand order) { input_.order(std::move(order)); }

    void say(const std::string& text) {
        RoomView& room = *state_.rooms.current();
        const bool inPrivate = room.kind == RoomView::Kind::Private;
        // Who speaks has read what is there, but not what came below the screen meanwhile, or what
        // is above it still.
        const Area messages = areasOf(state_).messages;
        if (isVisible(room, messages, room.newFrom, now_.wallMs)) {
            room.newFrom = room.below.lines > 0 ? room.below.fromLine : 0;
        }
        room.toEnd();
        state_.finding.state = Finding::State::Off;
        const uint64_t tag = reducer_.addPending(room, text, now_);
        order({.kind = inPrivate ? ClientCommand::Kind::Tell : ClientCommand::Kind::Say,
               .where = room.name,
               .text = text,
               .tag = tag});
    }

    // Where the latest file of this name is, or the latest of all; empty: none is known.
    std::string knownPath(std::string_view name) const {
        const auto found =
            std::find_if(state_.paths.rbegin(), state_.paths.rend(),
                         [&](const auto& known) { return name.empty() || known.first == name; });
        return found == state_.paths.rend() ? std::string() : found->second;
    }

    void listIgnored() {
        std::string list;
        for (const std::string& ignored : state_.ignored) {
            list += (list.empty() ? "ignored: " : ", ") + forLog(ignored);
        }
        note(list.empty() ? "nobody is ignored" : list);
    }

    // Whether somebody of this nick is here, or was talked to.
    bool isKnown(const std::string& nick) const { return !spelled(nick).empty(); }

    // A talk is shown as "@bob", and so bob is called by that; in another case he is bob, too.
    std::string nickMeant(const std::string& typed) const {
        const bool shown = typed.size() > 1 && typed[0] == '@' && !isKnown(typed);
        const std::string nick = shown ? typed.substr(1) : typed;
        const std::string known = spelled(nick);
        return known.empty() ? nick : known;
    }

    // As somebody who is known here is called; empty: nobody here has this nick in any case.
    std::string spelled(const std::string& nick) const {
        for (size_t i = 0; i < state_.rooms.size(); ++i) {
            for (const Person& person : state_.rooms.at(i).people) {
                if (client::isSameNick(person.nick, nick)) return person.nick;
            }
        }
        for (size_t i = 0; i < state_.rooms.size(); ++i) {
            const RoomView& room = state_.rooms.at(i);
            const bool talk = room.kind == RoomView::Kind::Private;
            if (talk && client::isSameNick(room.name, nick)) return room.name;
        }
        return {};
    }

    InputHandler& input_;
    ScreenState& state_;
    EventReducer& reducer_;
    const Moment& now_;
};

void InputHandler::obey(const Command& command, const Moment& now) {
    std::visit(Commands(*this, now), command);
}

}  // namespace netchat::connect
