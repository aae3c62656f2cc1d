// The part of typing that changes settings.

#include <utility>

#include "modes/connect/command_line.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/wording.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

// " (who comes and goes: all, talkers …)"; nothing for colours and keys.
std::string meaningOf(std::string_view name) {
    for (const SettingName& setting : settingNames()) {
        if (setting.name == name) return " (" + std::string(setting.meaning) + ")";
    }
    return "";
}

}  // namespace

void InputHandler::set(const std::string& name, const std::string& typed, const Moment& now) {
    const std::string value = name == "downloads" ? withHome(typed, state_.options.home) : typed;
    if (name.empty()) {
        std::string list = "settings (!set NAME VALUE changes one, !unset NAME takes it back):";
        for (const std::string& line : state_.settings.lines()) list += "\n" + line;
        return reducer_.note(list + "\n!set color and !set key list what else there is", now);
    }
    for (const std::string_view family : {kColorFamily, kKeyFamily}) {
        const bool isIt = name == family || name + "." == family;
        if (isIt && value.empty()) return listFamily(family, now);
    }
    if (value.empty()) {
        const auto text = state_.settings.text(name);
        if (!text) return reducer_.trouble(text.error().text, now);
        return reducer_.note(name + " = " + *text + meaningOf(name), now);
    }
    if (const Status done = state_.settings.set(name, value); !done) {
        return reducer_.trouble(done.error().text, now);
    }
    keepSetting(name, value);
}

void InputHandler::listFamily(std::string_view family, const Moment& now) {
    std::string list;
    for (const std::string& line : state_.settings.lines(family)) {
        list += (list.empty() ? "" : "\n") + line;
    }
    reducer_.note(list, now);
}

void InputHandler::unset(const std::string& name, const Moment& now) {
    if (const Status done = state_.settings.unset(name); !done) {
        return reducer_.trouble(done.error().text, now);
    }
    keepSetting(name, std::nullopt);
}

// The owner keeps it, and says where.
void InputHandler::keepSetting(const std::string& name, std::optional<std::string> value) {
    state_.effects.kept.push_back({name, std::move(value)});
}

void InputHandler::quiet(const std::string& where, const Moment& now) {
    RoomView* room = publicRoom(where, now);
    if (room == nullptr) return;
    if (room->name.find(',') != std::string::npos) {
        return reducer_.trouble("a room with a comma in its name cannot be quiet", now);
    }
    const bool on = !state_.settings.isQuiet(room->name);
    const std::string rooms = state_.settings.withQuiet(room->name, on);
    if (const Status done = state_.settings.set("quiet", rooms); !done) {
        return reducer_.trouble(done.error().text, now);
    }
    if (on) room->unread = room->mentions;
    keepSetting("quiet", rooms);
    reducer_.note(on ? forLog(room->name) + " is quiet: only what mentions you is counted"
                     : forLog(room->name) + " is quiet no longer",
                  now);
}

}  // namespace netchat::connect
