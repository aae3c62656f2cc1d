#include "modes/store/disk_file_store.h"

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/Crypto/OpenSSLInitializer.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "protocol/names.h"

namespace netchat::store {

namespace fs = std::filesystem;

StoredFile::~StoredFile() {
    ::close(fd_);
}

bool StoredFile::read(uint64_t offset, std::string& bytes) const {
    for (size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::pread(fd_, bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += static_cast<size_t>(n);
    }
    return true;
}

namespace {

// POCO sets OpenSSL up for the first digest and takes it down after the last, without regard to
// other threads that do the same; as long as this lives there is neither a first nor a last.
const Poco::Crypto::OpenSSLInitializer keepsOpenSslUp;

Error diskError(const std::string& what, int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return {full ? ErrorCode::NoRoom : ErrorCode::Internal,
            what + ": " + std::strerror(error)};  // NOLINT(concurrency-mt-unsafe): glibc's is safe
}

}  // namespace

Result<std::unique_ptr<DiskFileStore>> DiskFileStore::open(const fs::path& folder,
                                                           uint64_t bytesMax, Sync sync) {
    std::error_code error;
    fs::remove_all(folder / "incoming", error);
    fs::create_directories(folder / "incoming", error);
    if (error) {
        return Error{ErrorCode::Internal,
                     "the folder " + folder.string() + " cannot be used: " + error.message()};
    }
    fs::permissions(folder, fs::perms::owner_all, error);
    return std::unique_ptr<DiskFileStore>(new DiskFileStore(folder, bytesMax, sync));
}

DiskFileStore::DiskFileStore(fs::path folder, uint64_t bytesMax, Sync sync)
    : folder_(std::move(folder)), bytesMax_(bytesMax), sync_(sync) {
    std::vector<std::pair<fs::file_time_type, fs::directory_entry>> files;
    for (const auto& file : fs::directory_iterator(folder_)) {
        // What is not ours is neither counted nor dropped.
        if (!file.is_regular_file() || !checkSha256(file.path().filename().string())) continue;
        files.emplace_back(file.last_write_time(), file);
    }
    // The order of use did not outlive the last server; that of arrival did.
    std::sort(files.begin(), files.end());
    for (const auto& [time, file] : files) {
        const std::string name = file.path().filename().string();
        kept_[name] = {file.file_size(), uses_.insert(uses_.end(), name)};
        bytes_ += file.file_size();
    }
    worker_ = std::thread([this] { work(); });
}

DiskFileStore::~DiskFileStore() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    worker_.join();
    while (!uploads_.empty()) drop(uploads_.begin()->first);
}

void DiskFileStore::ask(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void DiskFileStore::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        job = nullptr;  // what it holds is released without the lock
        lock.lock();
    }
}

FileStore::UploadId DiskFileStore::begin(uint64_t size, Begun done) {
    UploadId id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = ++lastUpload_;
    }
    ask([this, id, size, done = std::move(done)] { done(startUpload(id, size)); });
    return id;
}

void DiskFileStore::write(UploadId id, std::string bytes, Written done) {
    ask([this, id, bytes = std::move(bytes), done = std::move(done)] { done(append(id, bytes)); });
}

void DiskFileStore::finish(UploadId id, std::string_view sha256, Finished done) {
    ask([this, id, sha256 = std::string(sha256), done = std::move(done)] {
        done(complete(id, sha256));
    });
}

void DiskFileStore::abort(UploadId id) {
    ask([this, id] { drop(id); });
}

Status DiskFileStore::startUpload(UploadId id, uint64_t size) {
    if (!makeRoom(size)) {
        return Error{ErrorCode::NoRoom,
                     "the server has no room for " + std::to_string(size) + " bytes"};
    }
    Upload upload;
    upload.reserved = size;
    upload.path = folder_ / "incoming" / std::to_string(id);
    upload.fd = ::open(upload.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       S_IRUSR | S_IWUSR);
    const int error = errno;
    upload.digest = std::make_unique<Poco::Crypto::DigestEngine>("SHA256");
    const bool opened = upload.fd >= 0;
    uploads_.emplace(id, std::move(upload));
    if (opened) return Ok{};
    drop(id);
    return diskError("the server cannot store files", error);
}

// Counts `size` against the quota, dropping the files longest unused; false when it cannot fit.
bool DiskFileStore::makeRoom(uint64_t size) {
    const std::lock_guard lock(mutex_);
    // Nothing is dropped for what would not fit beside the uploads under way even so.
    if (size > bytesMax_ || reserved_ > bytesMax_ - size) return false;
    while (bytes_ + size > bytesMax_ && !uses_.empty()) {
        const std::string oldest = uses_.front();
        std::error_code ignored;
        fs::remove(pathOf(oldest), ignored);
        bytes_ -= kept_[oldest].size;
        kept_.erase(oldest);
        uses_.pop_front();
    }
    bytes_ += size;
    reserved_ += size;
    return true;
}

Result<size_t> DiskFileStore::append(UploadId id, std::string_view bytes) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return Error{ErrorCode::Internal, "this upload is over"};
    Upload& upload = it->second;
    for (std::string_view rest = bytes; !rest.empty();) {
        const ssize_t n = ::write(upload.fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int error = errno;
            drop(id);
            return diskError("the server cannot store files", error);
        }
        rest.remove_prefix(static_cast<size_t>(n));
    }
    upload.digest->update(bytes.data(), bytes.size());
    upload.written += bytes.size();
    return bytes.size();
}

Result<std::string> DiskFileStore::complete(UploadId id, const std::string& sha256) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return Error{ErrorCode::Internal, "this upload is over"};
    Upload& upload = it->second;
    const std::string found = Poco::DigestEngine::digestToHex(upload.digest->digest());
    if (!sha256.empty() && found != sha256) {
        drop(id);
        return Error{ErrorCode::BadHash,
                     "the bytes received have the SHA-256 " + found + ", not the one offered"};
    }
    auto status = sync_ == Sync::OnKeep ? syncToDisk(upload.fd) : Status(Ok{});
    if (status) status = keep(upload, found);
    if (status && sync_ == Sync::OnKeep) status = syncToDisk(-1);
    drop(id);
    if (!status) return status.error();
    return found;
}

// Syncs a file's bytes, or with -1 the folder's names.
Status DiskFileStore::syncToDisk(int file) const {
    if (file >= 0) {
        if (::fdatasync(file) == 0) return Ok{};
        return diskError("the server cannot store files", errno);
    }
    const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = folder >= 0 && ::fsync(folder) == 0;
    const int error = errno;
    if (folder >= 0) ::close(folder);
    if (good) return Ok{};
    return diskError("the server cannot store files", error);
}

Status DiskFileStore::keep(const Upload& upload, const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    if (const auto it = kept_.find(sha256); it != kept_.end()) {
        uses_.splice(uses_.end(), uses_, it->second.use);
        return Ok{};
    }
    if (::rename(upload.path.c_str(), pathOf(sha256).c_str()) != 0) {
        return diskError("the server cannot store files", errno);
    }
    kept_[sha256] = {upload.written, uses_.insert(uses_.end(), sha256)};
    bytes_ += upload.written;
    return Ok{};
}

// Ends an upload: its descriptor, its reservation, and its temporary file if it is still there.
void DiskFileStore::drop(UploadId id) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return;
    if (it->second.fd >= 0) ::close(it->second.fd);
    std::error_code ignored;
    fs::remove(it->second.path, ignored);
    {
        const std::lock_guard lock(mutex_);
        bytes_ -= it->second.reserved;
        reserved_ -= it->second.reserved;
    }
    uploads_.erase(it);
}

std::shared_ptr<const StoredFile> DiskFileStore::open(std::string_view sha256) {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.find(std::string(sha256));
    if (it == kept_.end()) return nullptr;
    const int fd = ::open(pathOf(sha256).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return nullptr;
    uses_.splice(uses_.end(), uses_, it->second.use);
    return std::make_shared<StoredFile>(fd, it->second.size);
}

fs::path DiskFileStore::pathOf(std::string_view sha256) const {
    return folder_ / std::string(sha256);
}

}  // namespace netchat::store
