#pragma once

// A script after parsing: what runner.h carries out, one step after the other. Pure data.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/bot/expand.h"
#include "modes/bot/matcher.h"

namespace netchat::bot {

inline constexpr int64_t kTimeoutMs = 5'000;
inline constexpr uint64_t kHistoryLimit = 50;
inline constexpr size_t kCountMax = 1'000'000;
// A block holds so many lines, which may want so many events together: each event is given to a
// line that needs it, which takes a time that grows with both.
inline constexpr size_t kBlockLinesMax = 100;
inline constexpr size_t kBlockCountMax = 1'000;

// Both from 1; columns count code points.
struct Place {
    size_t line = 0, column = 0;
};

enum class Verb {
    // of the script
    Bots,   // bots: those to connect
    Set,    // name, args: the value; value: given, where it is a default
    Print,  // args: text
    Sleep,  // value: milliseconds
    Exit,   // value: the exit code
    // of a bot
    Say,         // args: text; room
    Tell,        // args: nick, text
    Join,        // args: room; value: since, where given
    Leave,       // args: room
    Nick,        // args: nick
    Who,         // args: room, where given
    Rooms,       //
    History,     // args: room, where given; value: before; limit
    Op,          // args: act, target, reason where given
    Upload,      // args: file; room
    Get,         // args: file name
    Expect,      // expectation; or block
    Compare,     // args: file; expectation: filters of the received file
    Bye,         // `BOT: exit`
    Disconnect,  //
    Reconnect,   //
};

// A bot as a `bot` line declares it.
struct BotSpec {
    std::string name;             // in the script
    Template nick;                // in the chat; the name where none was given
    std::vector<Template> rooms;  // to join at once; the first is where it speaks
    bool classic = false;
    std::optional<size_t> headerWidth;
    std::optional<std::string> encoding;
};

// A number or a duration that a variable says, once the step begins.
struct Late {
    enum class What {
        Wait,   // Step::waitMs
        Value,  // Step::value
        Limit,  // Step::limit
        Count,  // of the expectation, or of that of a line of the block
    };
    static constexpr size_t kStep = SIZE_MAX;

    What what;
    Template text = {};
    size_t line = kStep;  // of the block
};

// What an `expect any` does when one of its lines is met.
struct Reaction {
    enum class What { Exit, Set };
    What what = What::Exit;
    std::string name = {};  // of the variable
    Template value;         // or the exit code
};

struct BlockLine {
    Place place;
    std::string source;  // as it was written, for reports
    Expectation expectation = {};
    std::optional<Reaction> reaction = {};
};

struct Step {
    Place place;
    Verb verb = Verb::Exit;
    std::string source = {};  // the line as it was written, for reports
    bool negated = false;
    std::vector<size_t> bots = {};  // indexes of Script::bots; one for every verb of a bot
    std::vector<Template> args = {};
    std::optional<Template> room = {};
    std::string name = {};
    std::optional<uint64_t> value = {};
    uint64_t limit = kHistoryLimit;
    int64_t waitMs = 0;  // `within`, or the `timeout` in force at this line
    std::vector<Late> late = {};
    Expectation expectation = {};
    std::vector<BlockLine> block = {};  // of `expect all {` and `expect any {`
    bool all = false;
};

struct Script {
    std::string name;  // of its file, for reports
    std::vector<BotSpec> bots;
    std::vector<Step> steps;
};

}  // namespace netchat::bot
