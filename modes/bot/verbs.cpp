#include "modes/bot/verbs.h"

#include <array>

namespace netchat::bot {
namespace {

constexpr std::array kVerbs{
    VerbRule{"set", Verb::Set, Scope::Script, 2, 2, "", Speaks::Both, false, false,
             "set [-default] NAME VALUE"},
    VerbRule{"print", Verb::Print, Scope::Script, 1, 1, "", Speaks::Both, false, false,
             "print 'TEXT'"},
    VerbRule{"sleep", Verb::Sleep, Scope::Both, 1, 1, "", Speaks::Both, false, false,
             "sleep DURATION"},
    VerbRule{"exit", Verb::Exit, Scope::Script, 0, 1, "", Speaks::Both, false, false,
             "exit [CODE]"},
    VerbRule{"say", Verb::Say, Scope::Bot, 1, 1, "room", Speaks::Both, true, true,
             "BOT: say [-room=ROOM] 'TEXT'"},
    VerbRule{"tell", Verb::Tell, Scope::Bot, 2, 2, "", Speaks::V2Only, true, true,
             "BOT: tell NICK 'TEXT'"},
    VerbRule{"join", Verb::Join, Scope::Bot, 1, 1, "since", Speaks::V2Only, true, true,
             "BOT: join [-since=SEQ] ROOM"},
    VerbRule{"leave", Verb::Leave, Scope::Bot, 1, 1, "", Speaks::V2Only, true, true,
             "BOT: leave ROOM"},
    VerbRule{"nick", Verb::Nick, Scope::Bot, 1, 1, "", Speaks::V2Only, true, true,
             "BOT: nick NAME"},
    VerbRule{"who", Verb::Who, Scope::Bot, 0, 1, "", Speaks::V2Only, true, true, "BOT: who [ROOM]"},
    VerbRule{"rooms", Verb::Rooms, Scope::Bot, 0, 0, "", Speaks::V2Only, true, true, "BOT: rooms"},
    VerbRule{"history", Verb::History, Scope::Bot, 0, 1, "before limit", Speaks::V2Only, true, true,
             "BOT: history [-before=SEQ] [-limit=N] [ROOM]"},
    VerbRule{"op", Verb::Op, Scope::Bot, 2, 3, "", Speaks::V2Only, true, true,
             "BOT: op ACT TARGET ['REASON']"},
    VerbRule{"upload", Verb::Upload, Scope::Bot, 1, 1, "room", Speaks::Both, true, true,
             "BOT: upload [-room=ROOM] FILE"},
    VerbRule{"get", Verb::Get, Scope::Bot, 1, 1, "", Speaks::V2Only, true, true, "BOT: get NAME"},
    VerbRule{"compare", Verb::Compare, Scope::Bot, 1, 1, "", Speaks::Both, true, false,
             "BOT: compare FILE [name=NAME]"},
    VerbRule{"exit", Verb::Bye, Scope::Bot, 0, 0, "", Speaks::Both, false, true, "BOT: exit"},
    VerbRule{"disconnect", Verb::Disconnect, Scope::Bot, 0, 0, "", Speaks::Both, false, true,
             "BOT: disconnect"},
    VerbRule{"reconnect", Verb::Reconnect, Scope::Bot, 0, 0, "", Speaks::Both, false, true,
             "BOT: reconnect"},
};

bool isOf(const VerbRule& rule, bool ofBot) {
    return rule.scope == Scope::Both || (rule.scope == Scope::Bot) == ofBot;
}

}  // namespace

const VerbRule* findVerb(std::string_view name, bool ofBot) {
    for (const VerbRule& rule : kVerbs) {
        if (isOf(rule, ofBot) && rule.name == name) return &rule;
    }
    return nullptr;
}

std::string verbNames(bool ofBot) {
    std::string names = ofBot ? "expect" : "bot, timeout";
    for (const VerbRule& rule : kVerbs) {
        if (isOf(rule, ofBot)) names += ", " + std::string(rule.name);
    }
    return names;
}

std::string classicVerbNames() {
    std::string names = "expect";
    for (const VerbRule& rule : kVerbs) {
        const bool fits = isOf(rule, true) && rule.speaks == Speaks::Both;
        if (fits) names += ", " + std::string(rule.name);
    }
    return names;
}

}  // namespace netchat::bot
