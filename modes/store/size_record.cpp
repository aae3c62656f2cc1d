#include "modes/store/size_record.h"

#include <charconv>

#include "protocol/names.h"

namespace netchat::store {

namespace {

constexpr char kName[] = "sizes";
constexpr char kNewName[] = "sizes.new";
constexpr std::string_view kGone = "gone";

// It is written anew when more lines than these mean nothing any more.
constexpr size_t kSpareLines = 1000;

std::string sizeLine(const std::string& sha256, std::string_view what) {
    return sha256 + " " + std::string(what) + "\n";
}

}  // namespace

SizeRecord::SizeRecord(Disk& disk) : disk_(disk) {
    const auto file = disk_.open(kName);
    std::string text(file ? static_cast<size_t>(file->size()) : 0, '\0');
    if (!file || !file->read(0, text)) return;
    parse(text);
    sizes_ = read_;
}

// A line that is none counts as a line, and no more: a power cut may have left zeros, or half of
// it.
void SizeRecord::parse(std::string_view text) {
    for (size_t end = 0; (end = text.find('\n')) != std::string_view::npos; ++lines_) {
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (line.size() < kSha256Chars + 2 || line[kSha256Chars] != ' ') continue;
        const std::string sha256(line.substr(0, kSha256Chars));
        if (!checkSha256(sha256)) continue;
        const std::string_view what = line.substr(kSha256Chars + 1);
        uint64_t size = 0;
        const auto [stop, failure] = std::from_chars(what.data(), what.data() + what.size(), size);
        if (what == kGone) {
            read_.erase(sha256);
        } else if (failure == std::errc{} && stop == what.data() + what.size()) {
            read_[sha256] = size;
        }
    }
}

void SizeRecord::add(const std::string& sha256, uint64_t size) {
    const MutexLock lock(mutex_);
    const auto [it, isNew] = sizes_.try_emplace(sha256, size);
    if (!isNew && it->second == size) return;
    it->second = size;
    append(sizeLine(sha256, std::to_string(size)));
}

void SizeRecord::forget(const std::string& sha256) {
    const MutexLock lock(mutex_);
    if (sizes_.erase(sha256) > 0) append(sizeLine(sha256, kGone));
}

// The first line of a process begins a new file: what an earlier one left may end in half a line.
void SizeRecord::append(const std::string& line) {
    if (!file_ || lines_ > 2 * sizes_.size() + kSpareLines) return rewrite();
    ++lines_;
    // Lines that are missing cost a reading of the files, and no more.
    if (!file_->append(line)) file_.reset();
}

void SizeRecord::rewrite() {
    file_.reset();
    disk_.remove(kNewName);
    auto file = disk_.create(kNewName);
    if (!file) return;
    std::string text;
    for (const auto& [sha256, size] : sizes_) text += sizeLine(sha256, std::to_string(size));
    if (!(*file)->append(text) || !disk_.rename(kNewName, kName)) return disk_.remove(kNewName);
    lines_ = sizes_.size();
    file_ = std::move(*file);
}

}  // namespace netchat::store
