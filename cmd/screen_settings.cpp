#include "cmd/screen_settings.h"

namespace netchat::cmd {

OptionGroup screenOptions() {
    return {
        "Screen",
        {{.name = "rooms", .argument = "ROOM,ROOM", .help = "rooms to enter besides the first"},
         {.name = "bell", .help = "ring the terminal's bell when somebody says your nick"},
         {.name = "highlight", .argument = "WORD,WORD", .help = "words that count like your nick"},
         {.name = "joins",
          .argument = "all|talkers|none",
          .help = "whose coming and going is shown (default: all)"},
         {.name = "quiet",
          .argument = "ROOM,ROOM",
          .help = "rooms where only what mentions you is counted"},
         {.name = "notify",
          .argument = "off|osc9|osc777",
          .help = "tell the desktop of mentions, by this sequence of the terminal (default: off)"},
         {.name = "remember",
          .argument = "yes|no",
          .help = "rooms, private talks, ignores and what was typed come back in the next run "
                  "(default: yes)"}}};
}

OptionGroup configurationOptions() {
    return {"Configuration",
            {{.name = "config",
              .argument = "FILE",
              .fallback = "$XDG_CONFIG_HOME/netchat/config",
              .help = "read options from this file, and keep there what !set changes; the default "
                      "need not exist. Without XDG_CONFIG_HOME it is ~/.config/netchat/config"},
             {.name = "color.",
              .argument = "PART = STYLE",
              .help = "only there: color.mention = bold orange"},
             {.name = "key.",
              .argument = "KEY = ACTION",
              .help = "only there: key.M-u = first-unread, or key.M-w = !who"}}};
}

connect::Settings readSettings(const Arguments& arguments) {
    connect::Settings settings;
    for (const connect::SettingName& setting : connect::settingNames()) {
        if (!arguments.has(setting.name)) continue;
        const std::string value = setting.name == "bell" ? arguments.flag("bell") ? "yes" : "no"
                                                         : arguments.text(setting.name);
        const Status set = settings.set(setting.name, value);
        if (!set) arguments.refuse(setting.name, set.error());
    }
    for (const std::string_view family : {connect::kColorFamily, connect::kKeyFamily}) {
        for (const std::string& which : arguments.list(family)) {
            const std::string name = std::string(family) + which;
            const Status set = settings.set(name, arguments.text(name));
            if (!set) arguments.refuse(name, set.error());
        }
    }
    return settings;
}

}  // namespace netchat::cmd
