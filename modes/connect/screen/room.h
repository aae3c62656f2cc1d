#pragma once

// One conversation: a room, or what is said in private with one person. Pure data and what follows
// from it; one thread.

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/input/line_editor.h"
#include "modes/connect/screen/input_layout.h"
#include "modes/connect/screen/row_cache.h"
#include "modes/connect/screen/scrollback.h"
#include "modes/connect/screen/text/safe_text.h"
#include "modes/connect/screen/text/short_names.h"
#include "protocol/limits.h"

namespace netchat::connect {

struct Person {
    std::string nick;  // as the server has it
    SafeText shown;
    uint64_t user = 0;  // 0 where unknown
    bool classic = false;
    uint64_t spoke = 0;  // when, in an order of its own; 0: not yet
};

struct RoomView {
    enum class Kind {
        Public,
        Private,  // name is the other's nick
    };
    enum class State {
        Joining,
        Joined,
        Leaving,  // it was asked for
        Left,     // it stays to be read
    };

    RoomView(Kind what, std::string_view called)
        : kind(what), name(called), shown(shownName(what, called)) {}

    // "@bob" is a talk. A server that is older may have a public room of this name: "#@bob".
    static std::string shownName(Kind kind, std::string_view name) {
        const bool looksPrivate = kind == Kind::Public && name.starts_with('@');
        return (kind == Kind::Private ? "@" : looksPrivate ? "#" : "") + std::string(name);
    }

    const Kind kind;
    std::string name;
    SafeText shown;
    State state = State::Joining;
    Scrollback lines;
    // Each has its own, so that what was meant for one is never said in another.
    LineEditor editor{limits::kTextBytesMax};
    mutable InputCache input;
    // A long paste in the input: whether it is to be said is asked once.
    struct LongPaste {
        bool asked = false;
    };
    std::optional<LongPaste> longPaste;

    // ---- what is looked at: the row at the bottom of the screen; none: the end, as it grows
    struct Anchor {
        uint64_t line = 0, seq = 0;  // of the scrollback
        int row = 0;                 // of the line's rows
        bool still = false;          // nothing below it is shown, even where there is room
    };
    std::optional<Anchor> anchor;
    mutable RowCache rows;
    mutable ShortNames nicks, listedNicks;  // beside what is said, and of who is here
    // Long messages that were opened, or folded, by hand; the oldest are forgotten.
    static constexpr size_t kTurnedMax = 1000;
    std::set<uint64_t> turned;
    // The first line that came while nobody looked; 0: none.
    uint64_t newFrom = 0;
    // The same by its number in the log, of an earlier run; 0: none, or newFrom is the line.
    uint64_t newFromSeq = 0;
    bool hasNew() const { return newFrom != 0 || newFromSeq != 0; }
    // What came while somebody looked at what was before.
    struct Below {
        uint64_t fromLine = 0, fromSeq = 0;  // since then: of private talks, of rooms
        unsigned lines = 0, mentions = 0;    // below the screen
    } below;
    // Answers and troubles that came meanwhile, the oldest first: they are shown above the status.
    static constexpr size_t kAnswersMax = 8;
    std::deque<Line> answers;
    // What a key was answered, without a line of the room. The next key takes it away.
    std::string hint;
    uint64_t marked = 0;       // the line that somebody went to; 0: none
    size_t markedAt = 0;       // the byte of its text that somebody went to
    bool holdsMarked = false;  // it stays in the middle while holes around it are filled
    bool goesToTop = false;    // the first of all is what is looked at, once it is here
    bool goesToNew = false;    // the same of the first that is new
    uint64_t goesTo = 0;       // the seq of what is looked at once it is here; 0: none
    // An earlier mention is looked for where the log is not here yet.
    struct MentionSearch {
        uint64_t below;    // entries below this number come next
        uint64_t entries;  // so many may be fetched
    };
    std::optional<MentionSearch> seeksMention;
    bool beginsAnew = false;  // the next `joined` is of another log
    bool catchingUp = false;  // it was entered just now; what an earlier run missed may follow
    unsigned unread = 0, mentions = 0;
    bool hasTrouble = false;  // something else worth a look

    // ---- history
    struct Asked {
        uint64_t before;
        unsigned count;
    };
    bool wantsHistory = false;   // somebody looked for what was before
    std::optional<Asked> asked;  // a page is on its way
    int64_t askAfterMs = 0;      // it was refused: not before this moment again (monotonic)

    // ---- who is here
    std::vector<Person> people;  // in the order of nicks
    uint64_t members = 0;        // people may be fewer: not all are listed in a large room
    std::deque<bool> whoAsked;   // answers that are due: whether somebody wants to see them
    bool listing = false;        // a list of several parts is coming

    // What is looked at is the end, as it grows.
    void toEnd();
    // Somebody moves by hand: nothing else moves what is looked at.
    void stopGoing();
    void answer(const Line& line);
    // Whether anything was said here that was not refused.
    bool wasUsed() const;
    // newFrom of newFromSeq, once its line is here.
    void findNew();

    Person* find(std::string_view nick);
    const Person* find(std::string_view nick) const;
    // So many are kept; of more only the number is known.
    static constexpr size_t kPeopleMax = 5000;
    void enter(Person person);
    void enter(std::vector<Person> people);
    void leave(std::string_view nick);

    // ---- who said something, while only they are told of (the latest last)
    static constexpr size_t kTalkersMax = 200;
    std::deque<std::string> talkers;
    void talked(std::string_view nick);
    bool isTalker(std::string_view nick) const;

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;
};

}  // namespace netchat::connect
