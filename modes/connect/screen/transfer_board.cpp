#include "modes/connect/screen/transfer_board.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "modes/connect/screen/text/graphemes.h"
#include "protocol/size_text.h"

namespace netchat::connect {

namespace {

constexpr std::string_view kUp = "↑", kDown = "↓", kEllipsis = "…";
constexpr int64_t kMeasuredMinMs = 500;  // a rate of less than this would be a wild guess
constexpr int64_t kTimeMinMs = 1'000;    // "0:00" tells nobody anything
constexpr size_t kBarCells = 8;
// Parts of a line go before the name has less room than this.
constexpr size_t kNameColumnsWanted = 16;
// The rank of a part that stays as long as the line is one.
constexpr int kStays = 6;
// Above any real one, and low enough to be converted to integers and multiplied by 1000.
constexpr double kRateMax = 1e15;

uint64_t plus(uint64_t a, uint64_t b) {
    return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max()
                                                        : a + b;
}

// Of `parts` parts, rounded down: all of them only where all is done.
uint64_t partsDone(uint64_t done, uint64_t size, uint64_t parts) {
    if (done >= size) return parts;
    const bool exact = done <= std::numeric_limits<uint64_t>::max() / parts;
    return std::min(exact ? done * parts / size : done / (size / parts), parts - 1);
}

std::string percentText(uint64_t done, uint64_t size) {
    return std::to_string(partsDone(done, size, 100)) + "%";
}

// The cell that is being filled counts as full; the last one does only at the end.
std::string barText(uint64_t done, uint64_t size) {
    size_t full = partsDone(done, size, kBarCells);
    if (done > 0 && full + 1 < kBarCells) ++full;
    return "[" + std::string(full, '#') + std::string(kBarCells - full, '-') + "]";
}

struct Unit {
    std::string_view name;
    uint64_t bytes;
};

Unit unitOf(uint64_t bytes) {
    static constexpr std::array<std::string_view, 6> kNames{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;
    uint64_t scale = 1;
    while (unit + 1 < kNames.size() && bytes / scale >= 1024) scale *= 1024, ++unit;
    return {kNames[unit], scale};
}

std::string inUnit(uint64_t bytes, const Unit& unit, bool tenths) {
    std::string whole = std::to_string(bytes / unit.bytes);
    if (!tenths || unit.bytes == 1) return whole;
    const uint64_t tenth = std::min<uint64_t>(bytes % unit.bytes / (unit.bytes / 10), 9);
    return whole + "." + std::to_string(tenth);
}

// "12.3/48.0 MiB", "120/222 MiB", "100/512 B": both in the unit of the size.
std::string sizesText(uint64_t done, uint64_t size) {
    const Unit unit = unitOf(size);
    const bool tenths = size / unit.bytes < 100;
    return inUnit(done, unit, tenths) + "/" + inUnit(size, unit, tenths) + " " +
           std::string(unit.name);
}

// "4.2 MiB/s", "12 MiB/s": the tenths of larger ones would only flicker.
std::string rateText(double bytesPerSecond) {
    const auto bytes = static_cast<uint64_t>(std::llround(bytesPerSecond));
    const Unit unit = unitOf(bytes);
    return inUnit(bytes, unit, bytes / unit.bytes < 10) + " " + std::string(unit.name) + "/s";
}

// In whole seconds, rounded up: it is 0:00 only at the end.
std::string etaText(uint64_t left, std::optional<double> rate) {
    if (left == 0) return "ETA " + clockText(0);
    const double seconds = rate && *rate > 0 ? std::ceil(static_cast<double>(left) / *rate) : -1;
    const bool known = seconds >= 0 && seconds <= 1e9;
    return "ETA " + clockText(known ? static_cast<int64_t>(seconds) * 1000 : -1);
}

// Whole, or cut with an ellipsis; empty where not even a letter and the ellipsis fit.
std::string cutName(std::string_view name, size_t columns) {
    if (columnsOf(name) <= columns) return std::string(name);
    const size_t dots = columnsOf(kEllipsis);
    if (columns <= dots) return {};
    const std::string_view beginning = prefixOfColumns(name, columns - dots);
    return beginning.empty() ? std::string() : std::string(beginning) + std::string(kEllipsis);
}

// What is left where not even direction and percent fit.
std::string narrowest(std::string_view head, std::string_view percent, size_t columns) {
    if (columnsOf(percent) <= columns) return std::string(percent);
    const std::string_view arrow = head.find(kUp) != head.npos ? kUp : kDown;
    return columnsOf(arrow) <= columns ? std::string(arrow) : std::string();
}

std::string countText(std::string_view arrow, size_t count) {
    return count == 0 ? std::string() : std::string(arrow) + std::to_string(count);
}

// 0 where it is none.
std::string twoDigits(int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

// ---- the rate

void RateMeter::restart(uint64_t done, int64_t nowMs) {
    *this = {};
    done_ = done;
    atMs_ = nowMs;
}

// Of two samples in the same millisecond the second waits for the next: its bytes have no time yet.
void RateMeter::add(uint64_t done, int64_t nowMs) {
    const int64_t elapsedMs = nowMs - atMs_;
    if (elapsedMs <= 0) return;
    const uint64_t moved = done - done_;
    done_ = done;
    atMs_ = nowMs;
    if (moved == 0 && measuredMs_ == 0) return;
    const auto elapsed = static_cast<double>(elapsedMs);
    const double kept = std::exp(-elapsed / static_cast<double>(TransferBoard::kRateMs));
    weighted_ = kept * weighted_ + (1 - kept) * (static_cast<double>(moved) / elapsed * 1000);
    weights_ = kept * weights_ + (1 - kept);
    measuredMs_ += elapsedMs;
}

std::optional<double> RateMeter::bytesPerSecond() const {
    if (measuredMs_ < kMeasuredMinMs) return std::nullopt;
    return std::min(weighted_ / weights_, kRateMax);
}

// ---- what is under way

TransferBoard::Row TransferBoard::begun(TransferSample sample, int64_t nowMs) {
    sample.done = std::min(sample.done, sample.size);
    SafeText name(sample.name);
    Row row{.number = numbers_.of(sample.upload, sample.key),
            .sample = std::move(sample),
            .name = std::move(name),
            .seenMs = nowMs,
            .movedMs = nowMs};
    row.rate.restart(row.sample.done, nowMs);
    return row;
}

void TransferBoard::advance(Row& row, TransferSample sample, int64_t nowMs) {
    sample.done = std::min(sample.done, sample.size);
    const TransferSample& was = row.sample;
    const bool excused = sample.waiting || sample.hashing || was.waiting || was.hashing;
    const bool back = sample.done < was.done;
    if (excused || back) {
        row.rate.restart(sample.done, nowMs);
    } else {
        row.rate.add(sample.done, nowMs);
    }
    const bool moves = sample.done > was.done && !sample.waiting && !sample.hashing;
    if (moves && !row.start) {
        row.start = excused ? Start{nowMs, sample.done} : Start{row.seenMs, was.done};
    }
    if (back && row.start) row.start->done = std::min(row.start->done, sample.done);
    if (excused || back || moves) row.movedMs = nowMs;
    row.seenMs = nowMs;
    if (sample.name != was.name) row.name = SafeText(sample.name);
    row.sample = std::move(sample);
}

void TransferBoard::update(std::span<const TransferSample> samples, int64_t nowMs) {
    std::map<std::pair<bool, std::string_view>, const TransferSample*> unseen;
    for (const auto& sample : samples) unseen.try_emplace({sample.upload, sample.key}, &sample);
    std::vector<Row> still;
    still.reserve(unseen.size());
    for (Row& row : rows_) {
        const auto found = unseen.find({row.sample.upload, row.sample.key});
        if (found == unseen.end()) {
            close(row, nowMs);
            continue;
        }
        advance(row, *found->second, nowMs);
        unseen.erase(found);
        still.push_back(std::move(row));
    }
    for (const auto& sample : samples) {
        if (unseen.erase({sample.upload, sample.key}) > 0) still.push_back(begun(sample, nowMs));
    }
    rows_ = std::move(still);
    std::vector<TransferNumbers::Key> underWay;
    for (const Row& row : rows_) underWay.push_back({row.sample.upload, row.sample.key});
    numbers_.keepOnly(underWay);
    forgetOver(nowMs);
}

bool TransferBoard::uploading() const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [](const Row& row) { return row.sample.upload; });
}

void TransferBoard::close(const Row& row, int64_t nowMs) {
    over_.push_back({row.sample.key, row.start, nowMs});
}

void TransferBoard::forgetOver(int64_t nowMs) {
    while (!over_.empty() &&
           (over_.size() > kOverKept || nowMs - over_.front().endMs > kOverKeptMs)) {
        over_.pop_front();
    }
}

TransferBoard::State TransferBoard::stateOf(const Row& row, int64_t nowMs) {
    const TransferSample& sample = row.sample;
    if (sample.waiting) return State::Waiting;
    if (sample.hashing) return State::Reading;
    const bool silent = sample.done < sample.size && nowMs - row.movedMs >= kStalledMs;
    return silent ? State::Stalled : State::Moving;
}

TransferBoard::Summary TransferBoard::summaryOf(const Row& row, int64_t nowMs) {
    return {.head = std::string(row.sample.upload ? kUp : kDown),
            .name = row.name.view(),
            .state = stateOf(row, nowMs),
            .done = row.sample.done,
            .size = row.sample.size,
            .rate = row.rate.bytesPerSecond()};
}

// One that moves speaks for all; then one that should.
TransferBoard::State TransferBoard::stateOfAll(int64_t nowMs) const {
    std::array<bool, 4> any{};
    for (const Row& row : rows_) any[static_cast<size_t>(stateOf(row, nowMs))] = true;
    for (const State state : {State::Moving, State::Stalled, State::Reading}) {
        if (any[static_cast<size_t>(state)]) return state;
    }
    return State::Waiting;
}

// What was read of a file to be uploaded is not sent yet: it counts only where all is being read.
TransferBoard::Summary TransferBoard::summaryOfAll(int64_t nowMs) const {
    Summary all{.head = {}, .state = stateOfAll(nowMs)};
    size_t uploads = 0;
    for (const Row& row : rows_) {
        if (row.sample.upload) ++uploads;
        const bool counts = !row.sample.hashing || all.state == State::Reading;
        all.done = plus(all.done, counts ? row.sample.done : 0);
        all.size = plus(all.size, row.sample.size);
        const auto rate = row.rate.bytesPerSecond();
        if (rate && stateOf(row, nowMs) == State::Moving) {
            all.rate = std::min(all.rate.value_or(0) + *rate, kRateMax);
        }
    }
    const size_t downloads = rows_.size() - uploads;
    all.head = countText(kUp, uploads) + (uploads > 0 && downloads > 0 ? " " : "") +
               countText(kDown, downloads);
    return all;
}

// ---- lines

// What follows the name; parts of lower ranks go first where it is too narrow.
struct TransferBoard::Part {
    int rank;
    std::string text;
};

std::vector<TransferBoard::Part> TransferBoard::partsOf(const Summary& summary) {
    std::vector<Part> parts{{kStays, percentText(summary.done, summary.size)}};
    if (summary.state == State::Reading) {
        parts.push_back({5, "reading"});
        return parts;
    }
    parts.push_back({3, barText(summary.done, summary.size)});
    parts.push_back({4, sizesText(summary.done, summary.size)});
    if (summary.state == State::Waiting) {
        parts.push_back({5, "waiting"});
    } else if (summary.state == State::Stalled) {
        parts.push_back({5, "stalled"});
    } else {
        if (summary.rate) parts.push_back({2, rateText(*summary.rate)});
        parts.push_back({1, etaText(summary.size - summary.done, summary.rate)});
    }
    return parts;
}

std::string TransferBoard::composed(const Summary& summary, size_t columns) {
    const std::vector<Part> parts = partsOf(summary);
    const size_t wanted =
        summary.name.empty() ? 0 : std::min(columnsOf(summary.name), kNameColumnsWanted) + 1;
    for (int gone = 0; gone < kStays; ++gone) {
        std::string tail;
        for (const Part& part : parts) {
            if (part.rank > gone) tail.append(" ").append(part.text);
        }
        const size_t taken = columnsOf(summary.head) + columnsOf(tail);
        if (taken > columns || (taken + wanted > columns && gone + 1 < kStays)) continue;
        const size_t room = columns - taken;
        const std::string name = room > 0 ? cutName(summary.name, room - 1) : std::string();
        std::string line = summary.head;
        if (!name.empty()) line.append(" ").append(name);
        return line.append(tail);
    }
    return narrowest(summary.head, parts.front().text, columns);
}

std::string TransferBoard::line(size_t columns, int64_t nowMs) const {
    if (rows_.empty()) return {};
    return composed(rows_.size() == 1 ? summaryOf(rows_.front(), nowMs) : summaryOfAll(nowMs),
                    columns);
}

std::vector<std::string> TransferBoard::lines(size_t columns, int64_t nowMs) const {
    std::vector<std::string> all;
    all.reserve(rows_.size());
    for (const Row& row : rows_) {
        Summary summary = summaryOf(row, nowMs);
        summary.head.insert(0, std::to_string(row.number) + " ");
        all.push_back(composed(summary, columns));
    }
    return all;
}

// ---- questions

// One under way ends now for this purpose.
std::optional<TransferBoard::Over> TransferBoard::timed(std::string_view key, int64_t nowMs) const {
    for (const Row& row : rows_) {
        if (row.sample.key == key) return Over{row.sample.key, row.start, nowMs};
    }
    for (auto over = over_.rbegin(); over != over_.rend(); ++over) {
        if (over->key == key && nowMs - over->endMs <= kOverKeptMs) return *over;
    }
    return std::nullopt;
}

std::string TransferBoard::meanRate(std::string_view key, uint64_t size, int64_t nowMs) const {
    const auto transfer = timed(key, nowMs);
    if (!transfer || !transfer->start || transfer->start->done >= size) return {};
    const int64_t ms = transfer->endMs - transfer->start->ms;
    if (ms < kMeasuredMinMs) return {};
    const auto moved = static_cast<double>(size - transfer->start->done);
    const double rate = std::min(moved / static_cast<double>(ms) * 1000, kRateMax);
    return sizeText(static_cast<uint64_t>(std::llround(rate))) + "/s";
}

std::string TransferBoard::timeOf(std::string_view key, int64_t nowMs) const {
    const auto transfer = timed(key, nowMs);
    if (!transfer || !transfer->start) return {};
    const int64_t ms = transfer->endMs - transfer->start->ms;
    return ms < kTimeMinMs ? std::string() : clockText(ms);
}

std::optional<TransferSample> TransferBoard::find(std::string_view which) const {
    std::vector<NumberedTransfer> underWay;
    for (const Row& row : rows_) {
        underWay.push_back({row.number, row.sample.name, row.name.view()});
    }
    const auto chosen = chosenTransfer(which, underWay);
    return chosen ? std::optional(rows_[*chosen].sample) : std::nullopt;
}

std::string clockText(int64_t ms) {
    constexpr int64_t kHoursMax = 99;
    const int64_t seconds = ms / 1000, minutes = seconds / 60, hours = minutes / 60;
    if (ms < 0 || seconds > kHoursMax * 3600) return "-:--";
    const std::string tail = ":" + twoDigits(seconds % 60);
    if (hours == 0) return std::to_string(minutes) + tail;
    return std::to_string(hours) + ":" + twoDigits(minutes % 60) + tail;
}

}  // namespace netchat::connect
