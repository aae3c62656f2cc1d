#include "modes/client/upload_plan.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "protocol/file_labels.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

namespace fs = std::filesystem;

std::string withHome(std::string_view path, std::string_view home) {
    const bool tilde = path == "~" || path.starts_with("~/");
    if (!tilde || home.empty()) return std::string(path);
    return std::string(home) + std::string(path.substr(1));
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

// Words with blanks between; what stands in quotes is one, and so is a blank behind a backslash.
std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool inWord = false;
    char quote = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool blank = quote == 0 && (c == ' ' || c == '\t');
        if (blank) {
            if (std::exchange(inWord, false)) words.push_back(std::exchange(word, {}));
            continue;
        }
        inWord = true;
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && c == '\\' && i + 1 < text.size()) {
            word += text[++i];
        } else {
            word += c;
        }
    }
    if (inWord) words.push_back(word);
    return words;
}

class Planner {
  public:
    void add(const fs::path& path) {
        std::error_code error;
        if (!fs::is_directory(path, error)) return plan_.files.push_back({path, {}});
        const size_t before = plan_.files.size(), errorsBefore = plan_.errors.size();
        const fs::path name = fs::weakly_canonical(path, error).filename();
        if (name.empty()) return fail(path, "this path has no name; upload what is in it");
        walk(path, safeFileName(name.native()));
        const bool failed = plan_.errors.size() > errorsBefore;
        if (!failed && plan_.files.size() == before) fail(path, "the folder has no files to send");
        if (tooMany_) {
            plan_.files.resize(before);
            fail(path, "it has more than " + std::to_string(kUploadFilesMax) +
                           " files; send an archive of it");
        }
    }

    UploadPlan take() {
        if (hidden_ + links_ + others_ > 0) {
            plan_.leftOut = "skipped: " + std::to_string(hidden_) + " hidden, " +
                            std::to_string(links_) + " links, " + std::to_string(others_) +
                            " special files";
        }
        return std::move(plan_);
    }

  private:
    void fail(const fs::path& path, const std::string& why) {
        plan_.errors.push_back(forLog(path.native(), 200) + ": " + why);
    }

    void walk(const fs::path& folder, const std::string& name) {
        if (!checkFolder(name)) {
            return fail(folder, "the path is too deep or too long; send an archive");
        }
        std::error_code error;
        std::vector<fs::directory_entry> entries;
        for (fs::directory_iterator at(folder, error), end; !error && at != end;
             at.increment(error)) {
            if (entries.size() + plan_.files.size() >= kUploadFilesMax)
                return void(tooMany_ = true);
            entries.push_back(*at);
        }
        if (error) return fail(folder, error.message());
        std::sort(entries.begin(), entries.end());
        for (const fs::directory_entry& entry : entries) {
            if (tooMany_) return;
            take(entry, name);
        }
    }

    void take(const fs::directory_entry& entry, const std::string& name) {
        std::error_code ignored;
        const std::string own = entry.path().filename().native();
        if (own.starts_with('.')) {
            ++hidden_;
        } else if (entry.is_symlink(ignored)) {
            ++links_;
        } else if (entry.is_directory(ignored)) {
            walk(entry.path(), name + "/" + safeFileName(own));
        } else if (entry.is_regular_file(ignored)) {
            plan_.files.push_back({entry.path(), name});
        } else {
            ++others_;
        }
    }

    UploadPlan plan_;
    size_t hidden_ = 0, links_ = 0, others_ = 0;
    bool tooMany_ = false;
};

}  // namespace

UploadPlan planUploads(std::string_view typed, std::string_view home) {
    Planner planner;
    const std::string whole = withHome(typed, home);
    const std::vector<std::string> words = wordsOf(typed);
    if (exists(whole) || words.size() < 2) {
        planner.add(exists(whole) || words.empty() ? whole : withHome(words[0], home));
    } else {
        for (const std::string& word : words) planner.add(withHome(word, home));
    }
    return planner.take();
}

UploadPlan planUploads(std::span<const std::string> paths) {
    Planner planner;
    for (const std::string& path : paths) planner.add(path);
    return planner.take();
}

}  // namespace netchat::client
