#include "modes/client/file_list.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace netchat::client {

namespace {

constexpr size_t kHashDigitsMin = 8;

template <class Files, class Fits>
auto* latest(Files& files, Fits&& fits) {
    const auto found = std::find_if(files.rbegin(), files.rend(), fits);
    return found == files.rend() ? nullptr : &*found;
}

}  // namespace

void FileList::restore(std::vector<KnownFile> files) {
    files_.assign(std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()));
    for (const KnownFile& file : files_) lastNumber_ = std::max(lastNumber_, file.number);
}

KnownFile& FileList::announced(const event::File& file, bool wanted) {
    const auto same = [&](const KnownFile& known) {
        return known.sha256 == file.sha256 && known.name == file.name && known.room == file.room &&
               known.folder == file.folder;
    };
    const auto state = file.own ? KnownFile::State::Own
                       : wanted ? KnownFile::State::Wanted
                                : KnownFile::State::Offered;
    if (KnownFile* known = latest(files_, same)) {
        // Seen again in the history: it is what it is, unless it is fetched again.
        if (!file.history || wanted) known->state = state;
        return *known;
    }
    makeRoom();
    files_.push_back({++lastNumber_, std::string(file.room), std::string(file.from),
                      std::string(file.name), std::string(file.sha256), file.size, state,
                      std::string(file.folder), file.mtime, file.seq});
    return files_.back();
}

void FileList::makeRoom() {
    if (files_.size() < kFilesMax) return;
    const auto over = std::find_if(files_.begin(), files_.end(), [](const KnownFile& file) {
        return file.state != KnownFile::State::Wanted;
    });
    if (over != files_.end()) {
        files_.erase(over);
    } else if (files_.size() >= kWantedMax) {
        files_.pop_front();
    }
}

std::vector<KnownFile*> FileList::changed(std::string_view sha256, std::string_view name,
                                          KnownFile::State state) {
    std::vector<KnownFile*> changed;
    for (auto& file : files_) {
        const bool same = sha256.empty() ? file.name == name : file.sha256 == sha256;
        if (!same || file.state == KnownFile::State::Own) continue;
        file.state = state;
        changed.push_back(&file);
    }
    return changed;
}

KnownFile* FileList::numbered(unsigned number) {
    return latest(files_, [&](const KnownFile& known) { return known.number == number; });
}

const KnownFile* FileList::numbered(unsigned number) const {
    return latest(files_, [&](const KnownFile& known) { return known.number == number; });
}

KnownFile* FileList::find(std::string_view text) {
    const auto isCalled = [&](const KnownFile& known) {
        return known.name == text || (!known.folder.empty() && known.path() == text);
    };
    if (auto* file = latest(files_, isCalled)) {
        return file;
    }
    unsigned number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) {
        if (auto* file = numbered(number)) return file;
    }
    if (text.size() < kHashDigitsMin) return nullptr;
    return latest(files_, [&](const KnownFile& known) { return known.sha256.starts_with(text); });
}

}  // namespace netchat::client
