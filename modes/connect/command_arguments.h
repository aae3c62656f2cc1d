#pragma once

// How what follows a command's name becomes the fields of its type. A row of the table names one of
// these; each fails where the arguments are not those of the command. Pure functions, any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "modes/connect/commands.h"

namespace netchat::connect {

// What a row says of the type that it makes.
struct Arguments {
    // `rest`: what follows the name and its spaces.
    using Read = std::optional<Command> (*)(std::string_view name, std::string_view rest);
    Read read = nullptr;
    size_t type = 0;  // the place in the variant
    bool screenOnly = false;
};

enum class Need { Required, Optional };

namespace arguments {

template <class C, size_t... I>
constexpr size_t placeAmong(std::index_sequence<I...>) {
    return ((std::is_same_v<C, std::variant_alternative_t<I, Command>> ? I : 0) + ...);
}
template <class C>
inline constexpr size_t kPlace =
    placeAmong<C>(std::make_index_sequence<std::variant_size_v<Command>>{});

template <class C>
constexpr Arguments of(Arguments::Read read) {
    return {.read = read, .type = kPlace<C>, .screenOnly = ScreenOnly<C>};
}

// The readers of one argument; nothing: it is missing, or is too many words.
using Reader = std::optional<std::string> (*)(std::string_view rest, Need need);
std::optional<std::string> word(std::string_view rest, Need need);
// Any text, without the spaces around it.
std::optional<std::string> text(std::string_view rest, Need need);
// To the end of the line, or in quotes. A nick is read so, too: those of classic users have spaces.
std::optional<std::string> path(std::string_view rest, Need need);
// One or more: who looks at the disk parts what is not in quotes.
std::optional<std::string> paths(std::string_view rest, Need need);

template <class C>
C ownerOf(std::string C::*);

template <auto Field, Reader kRead, Need kNeed>
std::optional<Command> readOne(std::string_view, std::string_view rest) {
    auto value = kRead(rest, kNeed);
    if (!value) return std::nullopt;
    decltype(ownerOf(Field)) command;
    command.*Field = std::move(*value);
    return command;
}
template <auto Field, Reader kRead, Need kNeed>
inline constexpr Arguments kOne = of<decltype(ownerOf(Field))>(readOne<Field, kRead, kNeed>);

std::optional<Command> readMsg(std::string_view name, std::string_view rest);
std::optional<Command> readSet(std::string_view name, std::string_view rest);
std::optional<Command> readHistory(std::string_view name, std::string_view rest);
std::optional<Command> readOperate(std::string_view name, std::string_view rest);

}  // namespace arguments

template <class C>
inline constexpr Arguments kNothing =
    arguments::of<C>([](std::string_view, std::string_view rest) -> std::optional<Command> {
        if (!rest.empty()) return std::nullopt;
        return C{};
    });
template <auto Field, Need kNeed>
inline constexpr Arguments kWord = arguments::kOne<Field, arguments::word, kNeed>;
template <auto Field, Need kNeed>
inline constexpr Arguments kText = arguments::kOne<Field, arguments::text, kNeed>;
template <auto Field, Need kNeed>
inline constexpr Arguments kPath = arguments::kOne<Field, arguments::path, kNeed>;
template <auto Field>
inline constexpr Arguments kPaths = arguments::kOne<Field, arguments::paths, Need::Required>;
// A nick, and a text or none.
inline constexpr Arguments kNickText = arguments::of<command::Msg>(arguments::readMsg);
// A name and the rest of the line, or a name, or none.
inline constexpr Arguments kSetting = arguments::of<command::Set>(arguments::readSet);
// A number, or none.
inline constexpr Arguments kCount = arguments::of<command::History>(arguments::readHistory);
// A word; then a duration, or none; then any text, or none.
inline constexpr Arguments kTarget = arguments::of<command::Operate>(arguments::readOperate);

// Cuts the first word off; what follows it keeps its own spaces but the separating ones.
std::string_view takeWord(std::string_view& text);

}  // namespace netchat::connect
