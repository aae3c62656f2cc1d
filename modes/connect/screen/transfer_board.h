#pragma once

// The transfers under way as a person wants to see them: rate, time left, whether they are stalled.
// Samples and time go in, texts come out. Pure; one thread.
//
//     ↑ name 42% [####----] 12.3/48.0 MiB 4.2 MiB/s ETA 0:08
//     ↑2 ↓1 54% [#####---] 120/222 MiB 12 MiB/s ETA 0:09     several in one line
//     ↓ name 42% [####----] 12.3/48.0 MiB stalled             or "waiting"
//     ↑ name 42% reading                                      before it is offered

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/text/safe_text.h"
#include "modes/connect/transfer_choice.h"

namespace netchat::connect {

// One transfer at a moment.
struct TransferSample {
    bool upload = false;
    std::string key;   // the upload's id, or the download's SHA-256 (classic: its name)
    std::string name;  // remote
    uint64_t done = 0, size = 0;
    bool waiting = false;  // for its turn, or for a connection: it is not stalled
    bool hashing = false;  // an upload that is read before it is offered: done is what was read
};

// Bytes a second as a mean of the past in which a moment weighs less the older it is. What it says
// does not depend on how often it is asked to look; and it says nothing before the bytes have
// moved for half a second.
class RateMeter {
  public:
    void restart(uint64_t done, int64_t nowMs);
    void add(uint64_t done, int64_t nowMs);  // never less than before
    std::optional<double> bytesPerSecond() const;

  private:
    uint64_t done_ = 0;
    int64_t atMs_ = 0;
    int64_t measuredMs_ = 0;             // since the first byte moved
    double weighted_ = 0, weights_ = 0;  // their quotient is the mean
};

class TransferBoard {
  public:
    // The rate is a mean over about this long, weighted to what is new.
    static constexpr int64_t kRateMs = 3'000;
    static constexpr int64_t kStalledMs = 5'000;
    // What is over can be asked about for so long, and so many of them: the news of its end may
    // come after the update without it.
    static constexpr int64_t kOverKeptMs = 2'000;
    static constexpr size_t kOverKept = 64;

    // All that are under way, ten times a second at most; who is missing is over.
    void update(std::span<const TransferSample> samples, int64_t nowMs);
    bool empty() const { return rows_.empty(); }
    bool uploading() const;
    size_t size() const { return rows_.size(); }

    // One line for all of them, in at most so many columns: parts go as it gets narrower (ETA,
    // rate, bar, sizes; the name is cut), direction and percent stay as long as they fit.
    std::string line(size_t columns, int64_t nowMs) const;
    // A line each, for !transfers, in the order of beginning: "1 ↑ name 42% …".
    std::vector<std::string> lines(size_t columns, int64_t nowMs) const;
    // "12.3 MiB/s" of the whole of a transfer that is over: what has come of the size since it was
    // first seen moving, by the time since then; empty where that was too short to say.
    std::string meanRate(std::string_view key, uint64_t size, int64_t nowMs) const;
    // Its time so far, from when it was first seen moving: "0:08"; empty below a second, and
    // where it is not known.
    std::string timeOf(std::string_view key, int64_t nowMs) const;
    // The one that chosenTransfer() chooses by this, whose number is that of lines().
    std::optional<TransferSample> find(std::string_view which) const;

  private:
    enum class State {
        Moving,
        Stalled,  // not a byte for kStalledMs
        Waiting,
        Reading,
    };
    struct Start {
        int64_t ms;
        uint64_t done;
    };
    struct Row {
        size_t number;          // of TransferNumbers
        TransferSample sample;  // done is at most size
        SafeText name;
        RateMeter rate = {};
        int64_t seenMs = 0;   // the last sample
        int64_t movedMs = 0;  // the last sample that had moved, or had an excuse
        std::optional<Start> start = {};
    };
    struct Over {
        std::string key;
        std::optional<Start> start;
        int64_t endMs;
    };
    // What a line tells, of one transfer or of all of them.
    struct Summary {
        std::string head;
        std::string_view name = {};
        State state = State::Moving;
        uint64_t done = 0, size = 0;
        std::optional<double> rate = {};
    };
    struct Part;

    Row begun(TransferSample sample, int64_t nowMs);
    static void advance(Row& row, TransferSample sample, int64_t nowMs);
    static State stateOf(const Row& row, int64_t nowMs);
    static Summary summaryOf(const Row& row, int64_t nowMs);
    Summary summaryOfAll(int64_t nowMs) const;
    State stateOfAll(int64_t nowMs) const;
    static std::vector<Part> partsOf(const Summary& summary);
    static std::string composed(const Summary& summary, size_t columns);

    void close(const Row& row, int64_t nowMs);
    void forgetOver(int64_t nowMs);
    std::optional<Over> timed(std::string_view key, int64_t nowMs) const;

    std::vector<Row> rows_;
    std::deque<Over> over_;
    TransferNumbers numbers_;
};

// "0:08", "12:05", "1:02:03"; "-:--" beyond 99 hours, and where it is negative.
std::string clockText(int64_t ms);

}  // namespace netchat::connect
