#include "cmd/screen_settings.h"

namespace netchat::cmd {

OptionGroup screenOptions() {
    return {
        "Screen",
        {{.name = "rooms", .argument = "ROOM,ROOM", .help = "Rooms to join besides the first one."},
         {.name = "bell", .help = "Ring the terminal's bell when somebody mentions your nick."},
         {.name = "highlight",
          .argument = "WORD,WORD",
          .help = "Words that count as a mention, like your nick."},
         {.name = "joins",
          .argument = "all|talkers|none",
          .help = "Whose joins and leaves to show. talkers: people who have said something. "
                  "(default: all)"},
         {.name = "quiet",
          .argument = "ROOM,ROOM",
          .help = "Rooms that count as unread only when somebody mentions you."},
         {.name = "notify",
          .argument = "off|osc9|osc777",
          .help = "Send desktop notifications of mentions with this terminal sequence. "
                  "(default: off)"},
         {.name = "remember",
          .argument = "yes|no",
          .help = "Restore rooms, private chats, ignored nicks and input history in the next "
                  "run. (default: yes)"}}};
}

OptionGroup configurationOptions() {
    return {"Configuration",
            {{.name = "config",
              .argument = "FILE",
              .fallback = "$XDG_CONFIG_HOME/netchat/config",
              .help = "Read options from FILE, and save there what !set changes. The default file "
                      "need not exist. Without XDG_CONFIG_HOME it is ~/.config/netchat/config."},
             {.name = "color.",
              .argument = "PART = STYLE",
              .help = "In the file only: the style of a part of the screen, such as "
                      "color.mention = bold orange."},
             {.name = "key.",
              .argument = "KEY = ACTION",
              .help = "In the file only: what a key does, such as key.M-u = first-unread or "
                      "key.M-w = !who."}}};
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
