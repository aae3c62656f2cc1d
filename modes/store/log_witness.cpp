#include "modes/store/log_witness.h"

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <string_view>
#include <system_error>

#include "modes/store/small_files.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

constexpr char kFolder[] = "/dev/shm";
constexpr char kMark[] = "netchat-witness1";
constexpr size_t kPageBytes = 4096, kTokenBytes = 64, kPathBytes = 3500;
constexpr size_t kNameDigits = 20;
// A server that has many logs has as many pages; the others are of logs that are gone.
constexpr int kLookedAtMax = 1000;

std::string prefix() {
    return "netchat-log-" + std::to_string(::geteuid()) + "-";
}

std::string pathOf(const fs::path& log) {
    std::error_code error;
    return fs::weakly_canonical(log, error).string();
}

fs::path fileOf(const std::string& path) {
    Poco::SHA2Engine hash;
    hash.update(path);
    return fs::path(kFolder) /
           (prefix() + Poco::DigestEngine::digestToHex(hash.digest()).substr(0, kNameDigits));
}

// The folder is everybody's: a file in it may be somebody else's, or a pipe.
Descriptor openPage(const fs::path& file, int flags) {
    return openFile(file, flags | O_NONBLOCK);
}
bool isOurs(const Descriptor& file) {
    struct stat info {};
    return file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_uid == ::geteuid() && info.st_nlink == 1;
}

}  // namespace

struct LogWitness::Page {
    std::array<char, sizeof kMark> mark;
    std::array<char, kTokenBytes> token;
    std::array<char, kPathBytes> log;
    std::atomic<uint64_t> total;
};

namespace {

// What a page says; nothing where it is none.
template <class Page>
bool readPage(const Descriptor& file, Page& page) {
    static_assert(sizeof(Page) <= kPageBytes && std::atomic<uint64_t>::is_always_lock_free);
    return isOurs(file) &&
           ::pread(file.get(), static_cast<void*>(&page), sizeof page, 0) ==
               static_cast<ssize_t>(sizeof page) &&
           std::memcmp(page.mark.data(), kMark, sizeof kMark) == 0 && page.token.back() == 0 &&
           page.log.back() == 0;
}

}  // namespace

std::optional<LogWitnessed> LogWitness::find(const fs::path& log) {
    const std::string path = pathOf(log);
    const Descriptor file = openPage(fileOf(path), O_RDONLY);
    Page page{};
    if (!readPage(file, page) || path != page.log.data()) return {};
    return LogWitnessed{page.token.data(), page.total.load()};
}

std::unique_ptr<LogWitness> LogWitness::begin(const fs::path& log, const LogWitnessed& witnessed) {
    const std::string path = pathOf(log);
    const fs::path at = fileOf(path);
    // Those of logs that are gone.
    std::error_code error;
    int looked = 0;
    for (const auto& entry : fs::directory_iterator(kFolder, error)) {
        if (++looked > kLookedAtMax) break;
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix()) || entry.path() == at) continue;
        Page page{};
        const Descriptor file = openPage(entry.path(), O_RDONLY);
        if (readPage(file, page) && !fs::exists(page.log.data(), error) && !error) {
            ::unlink(entry.path().c_str());
        }
    }
    const Descriptor file = openPage(at, O_RDWR | O_CREAT);
    const bool fits = path.size() < kPathBytes && witnessed.token.size() < kTokenBytes;
    // Its memory is taken now: a full one would end the process at a later write.
    if (!fits || !isOurs(file) || ::posix_fallocate(file.get(), 0, kPageBytes) != 0) {
        ::unlink(at.c_str());
        return nullptr;
    }
    void* const memory =
        ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) {
        ::unlink(at.c_str());
        return nullptr;
    }
    auto* const page = new (memory) Page{};
    std::memcpy(page->mark.data(), kMark, sizeof kMark);
    std::memcpy(page->token.data(), witnessed.token.data(), witnessed.token.size());
    std::memcpy(page->log.data(), path.data(), path.size());
    page->total.store(witnessed.total);
    return std::unique_ptr<LogWitness>(new LogWitness(page));
}

LogWitness::~LogWitness() {
    ::munmap(page_, kPageBytes);
}

void LogWitness::count(uint64_t total) {
    page_->total.store(total, std::memory_order_relaxed);
}

}  // namespace netchat::store
