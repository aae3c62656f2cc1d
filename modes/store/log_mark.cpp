#include "modes/store/log_mark.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "modes/store/log_identity.h"
#include "modes/store/small_files.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

constexpr size_t kReadBytesMax = 4096;

fs::path beside(const fs::path& log, const char* extension) {
    fs::path file = log;
    return file.replace_extension(extension);
}
fs::path runFile(const fs::path& log) {
    return beside(log, ".run");
}
fs::path markFile(const fs::path& log) {
    return beside(log, ".mark");
}

std::string contentOf(const Descriptor& file) {
    std::string text(kReadBytesMax, '\0');
    const ssize_t size = file ? ::pread(file.get(), text.data(), text.size(), 0) : 0;
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
}

bool writeAt(int fd, std::string_view text, off_t offset) {
    ssize_t size = 0;
    do {
        size = ::pwrite(fd, text.data(), text.size(), offset);
    } while (size < 0 && errno == EINTR);
    return size == static_cast<ssize_t>(text.size());
}

// Where a full disk has no room for another file, and for a name: over what is there. -1: it could
// not be.
int writeOver(const fs::path& file, const std::string& text) {
    Descriptor present = openFile(file, O_RDWR);
    const bool written = present && writeAt(present.get(), text, 0) &&
                         ::ftruncate(present.get(), static_cast<off_t>(text.size())) == 0;
    return written ? present.release() : -1;
}

// Written aside and renamed, so that it is a file of its own. -1: it could not be.
int writeAnew(const fs::path& file, const std::string& text) {
    fs::path aside = file;
    aside += ".new";
    ::unlink(aside.c_str());
    Descriptor made = openFile(aside, O_RDWR | O_CREAT | O_EXCL);
    if (made && writeAt(made.get(), text, 0) && ::rename(aside.c_str(), file.c_str()) == 0) {
        return made.release();
    }
    ::unlink(aside.c_str());
    return writeOver(file, text);
}

bool identify(int fd, uint64_t& inode, int64_t& changedNs) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return false;
    inode = info.st_ino;
    changedNs = static_cast<int64_t>(info.st_ctim.tv_sec) * 1'000'000'000 + info.st_ctim.tv_nsec;
    return true;
}

uint64_t inodeOf(const fs::path& file) {
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 ? info.st_ino : 0;
}

// Which boot of the machine this is.
std::string bootId() {
    std::string text = contentOf(openFile("/proc/sys/kernel/random/boot_id", O_RDONLY));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.find('\t') == std::string::npos ? text : std::string();
}

bool syncPath(const fs::path& file, int flags) {
    const Descriptor opened = openFile(file, flags);
    return opened && ::fsync(opened.get()) == 0;
}

}  // namespace

LogFound findLastRun(const fs::path& log) {
    LogFound found;
    const Descriptor run = openFile(runFile(log), O_RDONLY);
    if (run && identify(run.get(), found.runInode, found.runChangedNs)) {
        found.run = parseRun(contentOf(run));
    }
    found.mark = parseMark(contentOf(openFile(markFile(log), O_RDONLY)));
    found.logInode = inodeOf(log);
    found.boot = bootId();
    found.witness = LogWitness::find(log);
    return found;
}

std::unique_ptr<LogMarkFile> LogMarkFile::begin(const fs::path& log, const std::string& identity,
                                                uint64_t total) {
    LogMark mark;
    mark.token = newLogIdentity() + newLogIdentity();
    mark.identity = identity;
    mark.total = total;
    const LogRun about{mark.token, bootId(), inodeOf(log)};
    const Descriptor run(writeAnew(runFile(log), runText(about)));
    if (run && identify(run.get(), mark.runInode, mark.runChangedNs)) {
        const int fd = writeAnew(markFile(log), markText(mark));
        if (fd >= 0) {
            auto witness = LogWitness::begin(log, {mark.token, total});
            return std::unique_ptr<LogMarkFile>(
                new LogMarkFile(log, fd, total, std::move(witness)));
        }
    }
    // What an earlier run left does not speak of this one.
    ::unlink(runFile(log).c_str());
    ::unlink(markFile(log).c_str());
    return nullptr;
}

LogMarkFile::~LogMarkFile() {
    ::close(fd_);
}

void LogMarkFile::committed(uint64_t total) {
    total_ = total;
    if (witness_) witness_->count(total);
    (void)writeAt(fd_, markLastLine(total, false), static_cast<off_t>(markLastLineOffset()));
}

void LogMarkFile::ended() {
    fs::path wal = log_;
    wal += "-wal";
    std::error_code error;
    const bool synced =
        syncPath(log_, O_RDWR) && (!fs::exists(wal, error) || syncPath(wal, O_RDWR));
    if (!synced) return;
    // The files' names, too: those of the run that is over are new.
    const bool named =
        syncPath(runFile(log_), O_RDWR) && syncPath(log_.parent_path(), O_RDONLY | O_DIRECTORY);
    if (!named) return;
    (void)writeAt(fd_, markLastLine(total_, true), static_cast<off_t>(markLastLineOffset()));
    (void)::fsync(fd_);
}

}  // namespace netchat::store
