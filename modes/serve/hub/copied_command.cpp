#include "modes/serve/hub/copied_command.h"

namespace netchat::serve {

namespace {

void keep(Arena& arena, std::string_view& text) {
    text = arena.keep(text);
}

// What is no view owns what it has.
template <class T>
void keep(Arena& /*arena*/, T& /*value*/) {
}

// Whatever a command has of these.
template <class C>
void keepTexts(Arena& arena, C& c) {
    if constexpr (requires { c.room; }) keep(arena, c.room);
    if constexpr (requires { c.id; }) keep(arena, c.id);
    if constexpr (requires { c.text; }) keep(arena, c.text);
    if constexpr (requires { c.to; }) keep(arena, c.to);
    if constexpr (requires { c.nick; }) keep(arena, c.nick);
    if constexpr (requires { c.secret; }) keep(arena, c.secret);
    if constexpr (requires { c.log; }) keep(arena, c.log);
    if constexpr (requires { c.words; }) keep(arena, c.words);
    if constexpr (requires { c.name; }) keep(arena, c.name);
    if constexpr (requires { c.sha256; }) keep(arena, c.sha256);
    if constexpr (requires { c.act; }) keep(arena, c.act);
    if constexpr (requires { c.target; }) keep(arena, c.target);
}

}  // namespace

std::shared_ptr<const CommandBatch> copied(const Command& command) {
    auto batch = std::make_shared<CommandBatch>();
    batch->commands.push_back(command);
    std::visit([&batch](auto& c) { keepTexts(batch->arena, c); }, batch->commands.front());
    return batch;
}

}  // namespace netchat::serve
