#pragma once

// What somebody may set of the screen: in the configuration file, and with !set while it runs. The
// one table of what there is. Pure; one thread.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/key_map.h"
#include "modes/connect/screen/style_text.h"
#include "protocol/result.h"

namespace netchat::connect {

struct SettingName {
    std::string_view name, fallback, meaning;
    bool nextRun = false;  // it is read at the start only
};
// But for the families: `color.PART` and `key.KEY`.
std::span<const SettingName> settingNames();
inline constexpr std::string_view kColorFamily = "color.", kKeyFamily = "key.";

class Settings {
  public:
    enum class Joins {
        All,      // who comes and goes is told
        Talkers,  // of those only who said something in this run
        None,
    };
    enum class Notify {
        Off,
        Osc9,    // ESC ] 9 ; TEXT
        Osc777,  // ESC ] 777 ; notify ; TITLE ; TEXT
    };

    Settings() = default;

    // An error says what would be right; then nothing is changed.
    Status set(std::string_view name, std::string_view value);
    // As where nobody has set it.
    Status unset(std::string_view name);
    // The value as a text; an error for a name that is none.
    Result<std::string> text(std::string_view name) const;
    // "name = value" of all, those of the families that are set included.
    std::vector<std::string> lines() const;
    // What may be set of a family, and what is.
    std::vector<std::string> lines(std::string_view family) const;

    const std::string& nick() const { return nick_; }  // of the next run; empty: not set
    const std::vector<std::string>& rooms() const { return rooms_; }
    bool bell() const { return bell_; }
    const std::vector<std::string>& highlight() const { return highlight_; }
    Joins joins() const { return joins_; }
    // What is said there is not counted, unless it is meant for us.
    bool isQuiet(std::string_view room) const { return quiet_.count(room) > 0; }
    // The list of quiet rooms with this one, or without it.
    std::string withQuiet(std::string_view room, bool quiet) const;
    Notify notify() const { return notify_; }
    bool remember() const { return remember_; }
    const std::map<std::string, Style, std::less<>>& colors() const { return colors_; }
    const KeyMap& keys() const { return keys_; }

  private:
    Status apply(std::string_view name, std::string_view value);
    Status applyFamily(std::string_view name, std::string_view value);

    std::map<std::string, std::string, std::less<>> set_;  // as they were set
    std::string nick_;
    std::vector<std::string> rooms_;
    bool bell_ = false;
    std::vector<std::string> highlight_;
    Joins joins_ = Joins::All;
    std::set<std::string, std::less<>> quiet_;
    Notify notify_ = Notify::Off;
    bool remember_ = true;
    std::map<std::string, Style, std::less<>> colors_;
    KeyMap keys_;
};

}  // namespace netchat::connect
