#include "modes/connect/screen/input_handler.h"

#include <algorithm>

#include "modes/connect/command_line.h"
#include "modes/connect/command_table.h"
#include "modes/connect/screen/layout.h"
#include "modes/connect/screen/theme.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

// Said and not acknowledged: what waits for a server that is away is kept, but not without end.
constexpr size_t kPendingMax = 256;
// More lines than this in a paste are asked about before they are said.
constexpr size_t kPastedLinesMax = 10;

// Of a paste, whose lines may end as a terminal ends them.
size_t lineCount(std::string_view text) {
    const auto isEnd = [](char c) { return c == '\n' || c == '\r'; };
    size_t lines = 1;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool inPair = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
        if (isEnd(text[i]) && !inPair) ++lines;
    }
    return lines;
}

}  // namespace

// What can be completed, from the room that is looked at.
class InputHandler::Words : public Completion::Words {
  public:
    Words(const ScreenState& state, const Folders& folders) : state_(state), folders_(folders) {}

    std::vector<std::string> nicks() const override {
        const RoomView* room = state_.rooms.current();
        if (room == nullptr) return {};
        if (room->kind == RoomView::Kind::Private) return {room->name};
        std::vector<const Person*> people;
        for (const Person& person : room->people) {
            if (person.nick != state_.nick) people.push_back(&person);
        }
        std::stable_sort(people.begin(), people.end(),
                         [](const Person* a, const Person* b) { return a->spoke > b->spoke; });
        std::vector<std::string> nicks;
        for (const Person* person : people) nicks.push_back(person->nick);
        return nicks;
    }
    std::vector<std::string> commands() const override {
        std::vector<std::string> names;
        for (const CommandInfo& command : commandTable()) names.emplace_back(command.name);
        return names;
    }
    std::vector<std::string> settings() const override {
        std::vector<std::string> names;
        for (const SettingName& setting : settingNames()) names.emplace_back(setting.name);
        for (const auto part : themeParts()) {
            names.push_back(std::string(kColorFamily) + std::string(part));
        }
        return names;
    }
    static std::string typedAs(const std::string& room) {
        return RoomView::shownName(RoomView::Kind::Public, room);
    }
    std::vector<std::string> rooms() const override {
        std::vector<std::string> names;
        for (size_t i = 0; i < state_.rooms.size(); ++i) {
            const RoomView& room = state_.rooms.at(i);
            if (room.kind == RoomView::Kind::Public) names.push_back(typedAs(room.name));
        }
        for (const std::string& listed : state_.listedRooms) {
            const std::string room = typedAs(listed);
            if (std::find(names.begin(), names.end(), room) == names.end()) names.push_back(room);
        }
        return names;
    }
    std::vector<std::string> files() const override {
        std::vector<std::string> names;
        const auto all = state_.files.all();
        for (auto file = all.rbegin(); file != all.rend(); ++file) {
            if (std::find(names.begin(), names.end(), file->name) == names.end()) {
                names.push_back(file->name);
            }
        }
        return names;
    }
    std::vector<std::string> paths(std::string_view folder) const override {
        const std::string name = withHome(folder, state_.options.home);
        return folders_.entries(name.empty() ? "." : name);
    }

  private:
    const ScreenState& state_;
    const Folders& folders_;
};

void InputHandler::key(const Key& pressed, const Moment& now) {
    const Key key = withMeta(pressed, now);
    if (key.kind == Key::Kind::FocusIn || key.kind == Key::Kind::FocusOut) {
        return look(key.kind == Key::Kind::FocusIn);
    }
    if (key.kind == Key::Kind::PasteTooLong) {
        return reducer_.trouble("the paste was too long: send it as a file with !upload FILE", now);
    }
    if (RoomView* room = state_.rooms.current()) {
        room->hint.clear();
        room->seeksMention.reset();
    }
    if (turnsWheel(key, now)) return;
    if (state_.bare && bareKey(key, now)) return;
    if (state_.helpShown && helpKey(key)) return;
    if (findKey(key, now) || jumps(key, now)) return;
    if (key.kind == Key::Kind::Tab && !key.ctrl) return complete(key.shift || key.meta);
    state_.completion.reset();
    if (!moves(key, now) && !(key.meta && meta(key))) edit(key, now);
}

// The window came to the front, or went.
void InputHandler::look(bool in) {
    state_.focused = in;
    RoomView* room = state_.rooms.current();
    if (room == nullptr) return;
    if (in) {
        room->unread = room->mentions = 0;
    } else {
        lookAway(*room);
    }
}

// Any key closes the help but those that move in it.
bool InputHandler::helpKey(const Key& key) {
    const int page = std::max(1, state_.height - 2);
    switch (key.kind) {
        case Key::Kind::PageUp:
            state_.helpTop -= page;
            break;
        case Key::Kind::PageDown:
            state_.helpTop += page;
            break;
        case Key::Kind::Up:
            --state_.helpTop;
            break;
        case Key::Kind::Down:
            ++state_.helpTop;
            break;
        default:
            state_.helpShown = false;
            // What does something else, too, does it.
            return key.kind == Key::Kind::Escape || key.kind == Key::Kind::Function ||
                   (key.kind == Key::Kind::Enter && !key.meta) || isPlain(key, "q") ||
                   isCtrl(key, "c");
    }
    state_.helpTop = std::max(0, state_.helpTop);
    return true;
}

// ---- the input

void InputHandler::complete(bool backwards) {
    RoomView* room = state_.rooms.current();
    if (room == nullptr || room->editor.search()) return;
    const Words words(state_, folders_);
    LineEditor& editor = room->editor;
    const auto edit = state_.completion.tab(editor.text(), editor.cursor(), backwards, words);
    if (edit) editor.replace(edit->begin, edit->end, edit->with);
}

void InputHandler::edit(const Key& key, const Moment& now) {
    RoomView* room = state_.rooms.current();
    if (room == nullptr) return;
    const LineEditor::Outcome outcome = room->editor.key(key);
    if (key.kind == Key::Kind::Paste && lineCount(key.text) > kPastedLinesMax) {
        room->longPaste = RoomView::LongPaste{};
    } else if (room->editor.text().empty()) {
        room->longPaste.reset();
    }
    switch (outcome) {
        case LineEditor::Outcome::Entered:
            return entered(now);
        case LineEditor::Outcome::Refused:
            return reducer_.trouble("a text can have at most " +
                                        std::to_string(limits::kTextBytesMax) +
                                        " bytes; send a longer one as a file with !upload FILE",
                                    now);
        case LineEditor::Outcome::Ignored:
            // The end of input where there is none to come: elsewhere it ends a program.
            if (isCtrl(key, "d")) hint("!exit leaves");
            return;
        case LineEditor::Outcome::Done:
            return;
    }
}

void InputHandler::entered(const Moment& now) {
    RoomView& room = *state_.rooms.current();
    const bool pasted = room.editor.beginsPasted();
    const std::string typed = room.editor.text();
    if (typed.empty()) {
        openFold(room, areasOf(state_).messages, now.wallMs);
        return void(room.editor.take());
    }
    if (asksOfPaste(room)) return;
    // What was pasted is never run, whatever it begins with.
    const Command command = pasted ? command::Say{typed} : typed_.read(typed);
    room.answers.clear();
    // It stays in the input: Enter again is the answer.
    if (const auto* const ask = std::get_if<command::Ask>(&command)) {
        return reducer_.trouble(ask->question, now);
    }
    const bool here = std::holds_alternative<command::Say>(command) ||
                      std::holds_alternative<command::Me>(command);
    const auto* const msg = std::get_if<command::Msg>(&command);
    const bool says = here || (msg != nullptr && !msg->text.empty());
    if (says && keepsBack(room, here, now)) return;
    room.editor.take();
    room.longPaste.reset();
    obey(command, now);
}

// Whether a long paste is asked about now; who enters it again wants it.
bool InputHandler::asksOfPaste(RoomView& room) {
    const bool asks =
        room.longPaste && !room.longPaste->asked && lineCount(room.editor.text()) > kPastedLinesMax;
    if (asks) room.longPaste->asked = true;
    return asks;
}

// Whether something can't be said now, and stays in the input.
bool InputHandler::keepsBack(const RoomView& room, bool here, const Moment& now) {
    const bool left = room.state == RoomView::State::Left || room.state == RoomView::State::Leaving;
    if (here && left) {
        reducer_.trouble(
            "not sent: you left this room; !join " + forLog(room.name) + " joins it again", now);
        return true;
    }
    if (state_.connection == ScreenState::Connection::Ended) {
        reducer_.trouble("not sent: the server is lost; !reconnect tries again", now);
        return true;
    }
    if (reducer_.pending() < kPendingMax) return false;
    reducer_.trouble("not sent: " + std::to_string(kPendingMax) + " messages are already waiting",
                     now);
    return true;
}

}  // namespace netchat::connect
